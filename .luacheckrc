std = "max"
max_line_length = 120
files["spec"] = { std = "+busted" }
files["types"] = { ignore = { "212", "241" }, max_line_length = false }   -- declarations: nothing is used
exclude_files = { "build", "**/node_modules" }
