module mailroom/schema

go 1.24
