package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
)

const (
	formatText = "text"
	formatJSON = "json"
)

// A choice is a flag that takes one of several words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return "word" }

func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("it is %s", either(c.words))
	}
	*c.value = s
	return nil
}

// either spells words as "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// bindChoice adds a flag that takes one of words, the first of which is the
// default.
func bindChoice(cmd *cobra.Command, flags *pflag.FlagSet, value *string, name, usage string, words ...string) {
	if *value == "" {
		*value = words[0]
	}
	flags.Var(choice{value, words}, name, usage)
	complete(cmd, name, words...)
}

// bindFormat adds --format.
func bindFormat(cmd *cobra.Command, value *string, usage string, formats ...string) {
	bindChoice(cmd, cmd.Flags(), value, "format", usage, formats...)
}

// A duration is a flag that takes a duration that isn't negative.
type duration struct{ value *time.Duration }

func (d duration) Type() string { return "duration" }

// String returns "0s" for none, which pflag doesn't list as a default.
func (d duration) String() string { return d.value.String() }

func (d duration) Set(s string) error {
	v, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return errors.New("it is a duration, such as 30s or 5m")
	case v < 0:
		return errors.New("it can't be negative")
	}
	*d.value = v
	return nil
}

// A list is a flag that takes words with commas between them, and may be given
// several times.
type list struct{ value *[]string }

func (l list) Type() string   { return "list" }
func (l list) String() string { return strings.Join(*l.value, ",") }

func (l list) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		*l.value = append(*l.value, strings.TrimSpace(word))
	}
	return nil
}

// onceFlag is a flag that names one thing: of two, one would be passed over
// without a word.
type onceFlag struct {
	value *string
	set   bool
}

func (o *onceFlag) String() string { return *o.value }
func (o *onceFlag) Type() string   { return "string" }

func (o *onceFlag) Set(s string) error {
	if o.set && s != *o.value {
		return fmt.Errorf("%s was given before: this verb takes one state at a time; run it once for each", printable.Path(*o.value))
	}
	*o.value, o.set = s, true
	return nil
}

// bindState adds --state for verbs that work on one state.
func bindState(cmd *cobra.Command, value *string, usage string) {
	cmd.Flags().Var(&onceFlag{value: value}, "state", usage)
	completeFiles(cmd, "state", "tfstate")
}

// bindPins adds a flag for a pin file, which has a name of its own where none is
// given.
func bindPins(cmd *cobra.Command, value *string, name, usage string) {
	cmd.Flags().StringVar(value, name, "", usage+" (default "+defaultLock+")")
	completeFiles(cmd, name, "json")
	cmd.Flag(name).Annotations[bareValue] = []string{defaultLock}
}

// bareValue is the annotation of a flag that may go without a value, with the value
// that it has then.
const bareValue = "bare value"

// bindLockTimeout adds --lock-timeout.
func bindLockTimeout(cmd *cobra.Command, value *time.Duration, usage string) {
	cmd.Flags().Var(duration{value}, "lock-timeout", usage)
	complete(cmd, "lock-timeout")
}

// bindConfig adds --config.
func bindConfig(cmd *cobra.Command, value *string, usage string) {
	cmd.Flags().StringVar(value, "config", "", usage)
	completeDirs(cmd, "config")
}

// complete lists the values of a flag for shells.
func complete(cmd *cobra.Command, name string, words ...string) {
	must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// completeList lists the words of a flag that takes several, also behind a
// comma.
func completeList(cmd *cobra.Command, name string, words ...string) {
	must(cmd.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		out := make([]string, len(words))
		for i, word := range words {
			out[i] = before + word
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}))
}

// completeFiles has shells complete a flag with files of some kinds.
func completeFiles(cmd *cobra.Command, name string, extensions ...string) {
	must(cmd.MarkFlagFilename(name, extensions...))
}

// completeDirs has shells complete a flag with folders.
func completeDirs(cmd *cobra.Command, name string) { must(cmd.MarkFlagDirname(name)) }

// must is for errors that only a slip in this package makes.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// flagError says what is wrong with a flag in the words of this command.
func flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if e.GetSpecifiedShortnames() != "" {
			err = fmt.Errorf("unknown flag -%s", e.GetSpecifiedName())
		} else {
			err = errors.New("unknown flag --" + e.GetSpecifiedName() + didYouMean("--", e.GetSpecifiedName(), flagNames(cmd)))
		}
	} else if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		err = fmt.Errorf("--%s needs a value", e.GetFlag().Name)
	} else if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		err = fmt.Errorf("--%s %s: %w", e.GetFlag().Name, printable.Path(e.GetValue()), e.Unwrap())
	}
	return &usageError{cmd.CommandPath(), err}
}

// didYouMean suggests what word may have been meant for.
func didYouMean(dashes, word string, names []string) string {
	near := ui.Nearest(word, names, 2)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = dashes + near[i]
	}
	return "; did you mean " + either(near) + "?"
}
