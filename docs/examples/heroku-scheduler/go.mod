module drift

go 1.26.0

// The Go buildpack puts the command into the slug's bin.
// +heroku install github.com/herokutf/herokutf/cmd/herokutf

tool github.com/herokutf/herokutf/cmd/herokutf
