module kontor.local/pause

go 1.24
