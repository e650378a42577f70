package herokutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// ref is how a body names something: by a string, or by an object with one of
// its keys, as in {"plan": {"name": "heroku-redis:mini"}}. null and {} are no
// reference.
type ref string

func (r *ref) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*string)(r))
	}
	var keys struct{ ID, Name, Email string }
	if err := json.Unmarshal(data, &keys); err != nil {
		return err
	}
	for _, key := range []string{keys.ID, keys.Name, keys.Email} {
		if key != "" {
			*r = ref(key)
			return nil
		}
	}
	return nil
}

// quantity is a number of dynos in a body: 2, "2", or "+1" and "-1" for a change.
type quantity struct {
	n     int
	delta bool
}

var errQuantity = errors.New("a quantity is a number of dynos, such as 2, or a change of it, such as +1")

func (q *quantity) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	n, err := strconv.Atoi(text)
	if err != nil {
		return invalid("%v", errQuantity)
	}
	q.n, q.delta = n, strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-")
	return nil
}

// of is the number of dynos where there were some.
func (q *quantity) of(before int) (int, error) {
	n := q.n
	if q.delta {
		n += before
	}
	if n < 0 {
		return 0, invalid("%v", errQuantity)
	}
	return n, nil
}
