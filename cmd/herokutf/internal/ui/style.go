package ui

import "strings"

// A ColorMode says when text is painted.
type ColorMode string

// The modes, as --color has them. Always wins over NO_COLOR.
const (
	ColorAuto   ColorMode = "auto"
	ColorAlways ColorMode = "always"
	ColorNever  ColorMode = "never"
)

// ColorModes lists all modes.
func ColorModes() []string {
	return []string{string(ColorAuto), string(ColorAlways), string(ColorNever)}
}

// Style paints text, or leaves it plain.
type Style struct{ on bool }

// NewStyle returns the style for what is written to screen: with ColorAuto
// colours only on a terminal, and never when NO_COLOR is set to anything
// (https://no-color.org).
func NewStyle(std IO, screen Screen, mode ColorMode) Style {
	switch mode {
	case ColorAlways:
		return Style{on: true}
	case ColorNever:
		return Style{}
	}
	return Style{on: screen.Terminal && std.Getenv("NO_COLOR") == ""}
}

// On reports whether text is painted at all.
func (s Style) On() bool { return s.on }

func (s Style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Old paints what goes away.
func (s Style) Old(text string) string { return s.paint("31", text) }

// New paints what comes.
func (s Style) New(text string) string { return s.paint("32", text) }

// Bold paints a heading.
func (s Style) Bold(text string) string { return s.paint("1", text) }

// Dim paints what matters less.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Warn paints what needs attention.
func (s Style) Warn(text string) string { return s.paint("33", text) }

// Fault paints the word before an error.
func (s Style) Fault(text string) string { return s.paint("1;31", text) }

// plain takes the paint out of a text.
func plain(text string) string {
	if !strings.Contains(text, "\x1b[") {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(after, "m")
	}
}
