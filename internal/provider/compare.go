package provider

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Difference is one that a comparison has found. Key is set by
// [ManagedKeys] and [Mapping].
type Difference struct {
	Key         string
	State, Live any
}

// Compare returns how the state's value of an attribute differs from what Heroku
// says of it; nil if they are the same. It doesn't look at the conditions, see
// [View.Holds].
func (v *View) Compare(a *Attr, state any) []Difference {
	if a.As == Host && Text(state) == HostnameOf(Text(Find(v.Own, "name"))) {
		return nil // what releases up to v5.2.1 store
	}
	return a.Compare(state, v.Value(a))
}

// Compare returns how a value in the state differs from one on Heroku, both as
// JSON decodes them with numbers kept as text, or flat texts; nil if they are
// the same.
func (a *Attr) Compare(state, live any) []Difference {
	var same bool
	switch a.As {
	case Mapping, ManagedKeys:
		return compareMaps(a.As, keyed(state), keyed(live))
	case FoldCase:
		same = strings.EqualFold(Text(state), Text(live))
	case Plan:
		service, _, _ := strings.Cut(Text(live), ":")
		if !strings.Contains(Text(state), ":") {
			live = any(service) // what the provider stores then
		}
		same = Text(state) == Text(live)
	case PEM:
		same = lines(Text(state)) == lines(Text(live))
	case Timestamp:
		same = Text(state) == Text(live) || instant(Text(state)).Equal(instant(Text(live))) && !instant(Text(live)).IsZero()
	case Generation:
		same = generation(Text(state)) == generation(Text(live))
	case InOrder, AnyOrder, Set:
		x, y := canonical(state), canonical(live)
		if a.As != InOrder {
			slices.Sort(x)
			slices.Sort(y)
		}
		if a.As == Set {
			x, y = slices.Compact(x), slices.Compact(y)
		}
		same = slices.Equal(x, y)
	default:
		same = identity(a.text(state)) == identity(a.text(live))
	}
	if same {
		return nil
	}
	return []Difference{{State: state, Live: live}}
}

// text is [Text] of a value of the attribute's type. False and 0 count
// as null: the provider writes them where Heroku says null.
func (a *Attr) text(v any) string {
	text := Text(v)
	if a.Type == Bool && text == "false" || a.Type == Int && text == "0" {
		return ""
	}
	return text
}

// Text returns a scalar as the flat form of a state spells it; "" for null and
// for what is no scalar at all.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return number(v.String())
	case float64:
		return number(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return ""
}

// number writes a number without what doesn't change its value.
func number(s string) string {
	if strings.ContainsAny(s, ".eE") {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return s
}

// canonical returns the elements of a list as texts that are equal when the
// elements are.
func canonical(v any) []string {
	list, _ := v.([]any)
	texts := make([]string, len(list))
	for i, e := range list {
		switch e := e.(type) {
		case map[string]any:
			fields := make(map[string]string, len(e))
			for k, v := range e {
				fields[k] = identity(Text(v))
			}
			text, _ := json.Marshal(fields) // a map of strings can't fail
			texts[i] = string(text)
		default:
			texts[i] = identity(Text(e))
		}
	}
	return texts
}

// identity is a text in which the case of letters counts unless it is a UUID.
func identity(text string) string {
	if IsUUID(text) {
		return strings.ToLower(text)
	}
	return text
}

// keyed returns a map, also out of the list of one map that config vars were up
// to v1.9.0. A null value counts as none.
func keyed(v any) map[string]any {
	all := make(map[string]any)
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if value != nil {
				all[key] = value
			}
		}
	case []any:
		for _, e := range v {
			maps.Copy(all, keyed(e))
		}
	}
	return all
}

// Keys returns the keys of a map, or of a list of maps, that have a value,
// sorted.
func Keys(v any) []string { return slices.Sorted(maps.Keys(keyed(v))) }

func compareMaps(as Comparison, state, live map[string]any) []Difference {
	var all []Difference
	keys := slices.Collect(maps.Keys(state))
	if as == Mapping {
		for key := range live {
			if _, ok := state[key]; !ok {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		s, inState := state[key]
		l, onHeroku := live[key]
		// An empty text is a value here: only no variable is none.
		if inState == onHeroku && Text(s) == Text(l) {
			continue
		}
		all = append(all, Difference{Key: key, State: s, Live: l})
	}
	return all
}

// lines returns the lines of a text without the white space around them.
func lines(s string) string {
	return strings.Join(strings.Fields(s), "\n")
}

// instant reads a time as the API spells it or as Go prints it, which is what
// the provider stores; zero if it is neither.
func instant(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999 -0700 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

func generation(s string) string {
	if s == "" {
		return "cedar"
	}
	return s
}
