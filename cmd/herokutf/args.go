package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

// A normalizer makes arguments with flags as Terraform takes them, -state FILE,
// into what pflag takes, --state FILE. Values of flags stay as they are,
// whatever they begin with, and so does all behind "--".
type normalizer struct {
	cmd     *cobra.Command // the verb, or the root before it
	unknown string         // what stands where a verb should be
}

// normalize returns args for root. unknown is what stands in the place of a
// verb and is none.
func normalize(root *cobra.Command, args []string) (out []string, unknown string) {
	// A shell that asks for completions wants the last word as it is.
	if len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		last := len(args) - 1
		out, _ = normalize(root, args[1:last])
		return append(append(args[:1:1], out...), args[last]), ""
	}
	n := normalizer{cmd: root}
	for len(args) > 0 && args[0] != "--" {
		if value := n.bare(args); value != "" {
			out = append(out, n.spell(args[0])+"="+value)
			args = args[1:]
			continue
		}
		taken := n.next(args)
		out = append(out, n.spell(args[0]))
		out = append(out, args[1:taken]...)
		args = args[taken:]
	}
	return append(out, args...), n.unknown
}

// next returns how many of args belong together, 1 or 2, and follows the verb.
func (n *normalizer) next(args []string) int {
	arg := args[0]
	if !isFlag(arg) {
		if n.cmd.HasParent() || n.unknown != "" {
			return 1
		}
		if sub := subcommand(n.cmd, arg); sub != nil {
			n.cmd = sub
		} else {
			n.unknown = arg
		}
		return 1
	}
	flag, hasValue := n.flag(arg)
	if flag != nil && !hasValue && flag.NoOptDefVal == "" && len(args) > 1 {
		return 2
	}
	return 1
}

// bare returns the value that the flag args[0] has when none stands behind it, if it
// may go without one; else "".
func (n *normalizer) bare(args []string) string {
	if !isFlag(args[0]) || len(args) > 1 && !isFlag(args[1]) {
		return ""
	}
	flag, hasValue := n.flag(args[0])
	if flag == nil || hasValue || flag.Annotations[bareValue] == nil {
		return ""
	}
	return flag.Annotations[bareValue][0]
}

// flag returns the flag that arg sets, nil if there is none such.
func (n *normalizer) flag(arg string) (flag *pflag.Flag, hasValue bool) {
	name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if len(name) > 1 {
		return n.cmd.Flag(name), hasValue
	}
	if strings.HasPrefix(arg, "--") || name == "" {
		return nil, hasValue
	}
	return n.shorthand(name), hasValue
}

func (n *normalizer) shorthand(name string) *pflag.Flag {
	if flag := n.cmd.Flags().ShorthandLookup(name); flag != nil {
		return flag
	}
	return n.cmd.InheritedFlags().ShorthandLookup(name)
}

// spell adds the dash that a long flag may lack. A value may stand right behind
// a short flag, as in -oFILE, unless that looks like a slip in a long one.
func (n *normalizer) spell(arg string) string {
	if !isFlag(arg) || strings.HasPrefix(arg, "--") {
		return arg
	}
	name, _, _ := strings.Cut(arg[1:], "=")
	switch {
	case len(name) < 2:
		return arg
	case n.cmd.Flag(name) == nil && n.shorthand(name[:1]) != nil && len(ui.Nearest(name, flagNames(n.cmd), 1)) == 0:
		return arg
	}
	return "-" + arg
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// subcommand returns the command that arg names; nil if there is none.
func subcommand(cmd *cobra.Command, arg string) *cobra.Command {
	for _, sub := range cmd.Commands() {
		if sub.Name() == arg || sub.HasAlias(arg) {
			return sub
		}
	}
	return nil
}

// flagNames lists the flags that a command takes.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(flag *pflag.Flag) {
		if !flag.Hidden {
			names = append(names, flag.Name)
		}
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}
