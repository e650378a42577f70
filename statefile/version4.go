package statefile

import (
	"math"
	"strconv"
)

var resourceFields = []string{"mode", "type", "name", "provider", "instances", "module"}

// resource4 reads an element of resources. What it says of all its instances
// may come after them.
func (x *indexer) resource4() error {
	c := &x.v4
	if ok, err := x.expect(c, "a resource", Object); !ok {
		return err
	}
	from := len(c.instances)
	var r Instance
	var mode string
	_, err := x.object(func(name span) error {
		switch x.field(name, resourceFields...) {
		case "mode":
			return x.shared(c, "mode", &mode)
		case "type":
			return x.shared(c, "type", &r.Type)
		case "name":
			return x.resourceName(c, &r.Name)
		case "provider":
			return x.shared(c, "provider", &r.Provider)
		case "module":
			return x.shared(c, "module", &r.Module)
		case "instances":
			c.instances = c.instances[:from]
			if ok, err := x.expect(c, "instances", Array); !ok {
				return err
			}
			_, err := x.list(x.instance4)
			return err
		}
		_, err := x.value()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		instance := &c.instances[i]
		instance.Module, instance.Mode, instance.Type, instance.Name = r.Module, Mode(mode), r.Type, r.Name
		if instance.Provider == "" {
			instance.Provider = r.Provider
		}
	}
	return err
}

// instanceFields ends with fields that are passed over: names that are known
// need no look at other spellings.
var instanceFields = []string{"schema_version", "attributes", "index_key", "deposed", "provider", "attributes_flat",

	"sensitive_attributes", "private", "dependencies", "identity", "create_before_destroy"}

func (x *indexer) instance4() error {
	c := &x.v4
	if ok, err := x.expect(c, "an instance", Object); !ok {
		return err
	}
	i := Instance{file: x.f}
	hasJSON := false
	var flat, key span
	var err error
	i.object, err = x.object(func(name span) error {
		switch x.field(name, instanceFields...) {
		case "schema_version":
			return x.into(c, "schema_version", Number, &i.schema)
		case "attributes":
			// Terraform ignores attributes_flat as soon as there are
			// attributes, be they null.
			hasJSON = true
			return x.into(c, "attributes", Object, &i.attributes)
		case "attributes_flat":
			return x.into(c, "attributes_flat", Object, &flat)
		case "index_key":
			var err error
			key, err = x.value()
			return err
		case "deposed":
			return x.shared(c, "deposed", &i.Deposed)
		case "provider":
			return x.shared(c, "provider", &i.Provider)
		}
		_, err := x.value()
		return err
	})
	if err != nil {
		return err
	}
	if !hasJSON && !flat.none() {
		i.flat, i.attributes = true, flat
	}
	if !i.schema.none() {
		i.SchemaVersion = x.number(c, "schema_version", i.schema, string(i.schema.of(x.f.data)))
	}
	if !key.none() {
		i.Key = x.key(c, key)
	}
	x.instance(c, i)
	return nil
}

// key reads an index_key as Terraform does: a number through a float64.
func (x *indexer) key(c *reading, at span) Key {
	raw := at.of(x.f.data)
	switch kindOf(raw[0]) {
	case String:
		return StringKey(unquote(raw))
	case Number:
		if n, err := strconv.Atoi(string(raw)); err == nil {
			return IntKey(n)
		}
		if n, err := strconv.ParseFloat(string(raw), 64); err == nil && math.Abs(n) < 1<<53 {
			return IntKey(int(n))
		}
	case Null:
		return Key{}
	}
	if c.malformed == nil {
		c.malformed = x.wrong("index_key", at, "a number or a string")
	}
	return Key{}
}
