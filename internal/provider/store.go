package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Stored returns a value of Heroku's, as JSON decodes it with numbers kept as text, as
// the provider would keep it in the state; of [Mapping] and [ManagedKeys] the value of
// a key, nil for none. ok is false for a value of another kind than the provider
// stores there.
func (a *Attr) Stored(live any) (v any, ok bool) {
	switch a.As {
	case Set, AnyOrder, InOrder:
		return a.storedList(live)
	case Mapping, ManagedKeys:
		if live == nil {
			return nil, true
		}
		text, ok := live.(string)
		return text, ok
	}
	text := Text(live)
	if live != nil && text == "" && live != "" {
		return nil, false
	}
	switch {
	case a.As == Timestamp || a.Type == Time:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t.UTC().String(), true
		}
		return nil, false
	case a.Type == Bool:
		return text == "true", text == "true" || text == "false" || text == ""
	case a.Type == Int:
		n, err := strconv.ParseInt(cmp.Or(text, "0"), 10, 64)
		return json.Number(strconv.FormatInt(n, 10)), err == nil
	}
	return text, true
}

func (a *Attr) storedList(live any) (v any, ok bool) {
	if live == nil {
		return []any{}, true
	}
	list, ok := live.([]any)
	if !ok || slices.Contains(list, nil) {
		return nil, false
	}
	if a.As != Set {
		return list, true
	}
	// Terraform keeps sets sorted.
	texts := make(map[string]any, len(list))
	keys := make([][]byte, len(list))
	for i, e := range list {
		text, _ := json.Marshal(e) // what JSON has decoded to
		keys[i], texts[string(text)] = text, e
	}
	slices.SortFunc(keys, bytes.Compare)
	sorted := make([]any, len(keys))
	for i, key := range keys {
		sorted[i] = texts[string(key)]
	}
	return sorted, true
}
