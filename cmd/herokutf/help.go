package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitCodes is the annotation of a command with its exit codes, a line each.
const exitCodes = "exit codes"

// helpWidth is how wide help texts are at most, on terminals of any width, so
// that they read the same in documentation.
const helpWidth = 80

// helpText is the help of a command.
func helpText(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage:\n", cmd.Long)
	if cmd.HasParent() {
		for line := range strings.Lines(cmd.Use) {
			fmt.Fprintf(&b, "  %s %s\n", cmd.Parent().CommandPath(), strings.TrimSpace(line))
		}
	} else {
		fmt.Fprintf(&b, "  %s VERB [flags]\n", cmd.CommandPath())
	}
	verbs(&b, cmd)
	flagSection(&b, "Flags", cmd.NonInheritedFlags(), cmd.PersistentFlags())
	if cmd.HasParent() {
		flagSection(&b, "Common flags", cmd.InheritedFlags(), nil)
	} else {
		flagSection(&b, "Common flags", cmd.PersistentFlags(), nil)
	}
	section(&b, "Exit codes", cmd.Annotations[exitCodes])
	section(&b, "Examples", cmd.Example)
	if cmd.HasSubCommands() {
		fmt.Fprintf(&b, "\n\"%s help VERB\" says more. Long flags take one dash or two.\n", cmd.CommandPath())
	}
	return b.String()
}

// verbs lists the commands below cmd.
func verbs(b *strings.Builder, cmd *cobra.Command) {
	width := 0
	for _, sub := range cmd.Commands() {
		width = max(width, len(sub.Name()))
	}
	heading := "\nVerbs:\n"
	for _, sub := range cmd.Commands() {
		if sub.Hidden {
			continue
		}
		fmt.Fprintf(b, "%s  %-*s  %s\n", heading, width, sub.Name(), sub.Short)
		heading = ""
	}
}

// flagSection lists flags, but those that are also in without.
func flagSection(b *strings.Builder, heading string, flags, without *pflag.FlagSet) {
	shown := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.VisitAll(func(f *pflag.Flag) {
		if without == nil || without.Lookup(f.Name) == nil {
			shown.AddFlag(f)
		}
	})
	section(b, heading, strings.TrimRight(flagUsages(shown), "\n"))
}

// section prints lines below a heading, indented unless they are.
func section(b *strings.Builder, heading, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", heading)
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, " ") {
			line = "  " + line
		}
		b.WriteString(line)
	}
	b.WriteString("\n")
}

// flagUsages lists flags, each on its own line with what it does below, since
// few columns are left beside long names.
func flagUsages(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		spelt := "--" + f.Name
		if f.Shorthand != "" {
			spelt = "-" + f.Shorthand + ", " + spelt
		}
		if value != "" && f.NoOptDefVal == "" {
			spelt += " " + value
		}
		if c, ok := f.Value.(choice); ok && f.DefValue == c.words[0] {
			usage += " (default " + f.DefValue + ")"
		}
		const column = 26
		lines := strings.Split(wrapTo(usage, helpWidth-column), "\n")
		if len(spelt) > column-4 {
			fmt.Fprintf(&b, "  %s\n", spelt)
		} else {
			fmt.Fprintf(&b, "  %-*s%s\n", column-2, spelt, lines[0])
			lines = lines[1:]
		}
		for _, line := range lines {
			fmt.Fprintf(&b, "%*s%s\n", column, "", line)
		}
	})
	return b.String()
}

// wrapTo breaks a text at spaces into lines of at most width characters.
func wrapTo(text string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(word) > width:
			b.WriteString("\n")
			at = 0
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

// newHelpCmd returns the verb help.
func newHelpCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "help [VERB]",
		Short: "Print the help of a verb",
		Long:  "Prints the help of a verb, or of the command without one.",
		Annotations: map[string]string{exitCodes: `0  printed
1  there is no such verb`},
		Example: `herokutf help drift`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var words []string
			for _, sub := range cmd.Root().Commands() {
				if !sub.Hidden && len(args) == 0 {
					words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		about := cmd.Root()
		switch {
		case len(args) > 1:
			return &usageError{cmd.CommandPath(), noArgs(args[1:], "")}
		case len(args) == 1:
			if about = subcommand(cmd.Root(), args[0]); about == nil {
				return unknownVerb(cmd.Root(), args[0])
			}
		}
		return e.print(e.Stdout, helpText(about))
	}
	return cmd
}
