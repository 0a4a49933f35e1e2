-- SPDX-License-Identifier: MIT
-- Owns what it means that this machine refuses something, by errno, and what helps.

local machine = {}

-- In the order of the manual: ENOSPC, EDQUOT, EROFS, EIO, EFBIG, EACCES, EPERM, EMFILE, ENFILE, ENOMEM of Linux.
machine.refusals = {
  { errno = 28, cause = "The disk is full: {what}.", fix = "free some space on it" },
  { errno = 122, cause = "This user's quota on the disk is used up: {what}.",
    fix = "free some space there, or have the quota raised" },
  { errno = 30, cause = "The disk can only be read: {what}.",
    fix = "mount it for writing, or use a path on another one" },
  { errno = 5, cause = "The disk fails: {what}.",
    fix = "look at the kernel's log (dmesg), and use a path on another one" },
  { errno = 27, cause = "The file may not grow any more: {what}.",
    fix = "raise the limit (ulimit -f)" },
  { errno = 13, cause = "This user may not use the file: {what}.",
    fix = "correct its owner and mode, or those of its directory" },
  { errno = 1, cause = "The system doesn't permit it: {what}.",
    fix = "use a path in a directory that only its owner can write" },
  { errno = 24, cause = "This process has no descriptor left: {what}.",
    fix = "close some, or raise the limit (ulimit -n)" },
  { errno = 23, cause = "This machine has no descriptor left: {what}.",
    fix = "end some processes, or raise the limit (fs.file-max)" },
  { errno = 12, cause = "This machine has no memory left: {what}.", fix = "free some" },
}

local fixes = {}
for _, each in ipairs(machine.refusals) do fixes[each.errno] = each.fix end

--- What helps, as a sentence.
-- @tparam ?integer errno
-- @treturn ?string nil: nothing is known
function machine.step(errno)
  local fix = fixes[errno]
  return fix and fix:sub(1, 1):upper() .. fix:sub(2) .. "."
end

--- Why something was refused, with what helps.
-- @tparam string why
-- @tparam ?integer errno
function machine.told(why, errno)
  return fixes[errno] and why .. "; " .. fixes[errno] or why
end

return machine
