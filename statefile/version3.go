package statefile

import (
	"slices"
	"strconv"
	"strings"
)

// module3 reads an element of modules. Its path may come after its resources.
func (x *indexer) module3() error {
	c := &x.v3
	if ok, err := x.expect(c, "a module", Object); !ok {
		return err
	}
	from, fromOutputs := len(c.instances), len(c.outputs)
	module := ""
	_, err := x.object(func(name span) error {
		switch x.field(name, "path", "outputs", "resources") {
		case "path":
			module = ""
			if ok, err := x.expect(c, "path", Array); !ok {
				return err
			}
			depth := 0
			_, err := x.list(func() error {
				var step string
				err := x.shared(c, "a step of path", &step)
				// The first step is "root".
				if depth++; depth > 1 {
					if module != "" {
						module += "."
					}
					module += "module." + step
				}
				return err
			})
			return err
		case "outputs":
			var v span
			err := x.into(c, "outputs", Object, &v)
			if !v.none() {
				c.outputs = append(c.outputs, outputs{at: v})
			}
			return err
		case "resources":
			if ok, err := x.expect(c, "resources", Object); !ok {
				return err
			}
			_, err := x.object(x.resource3)
			return err
		}
		_, err := x.value()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		c.instances[i].Module = module
	}
	for i := fromOutputs; i < len(c.outputs); i++ {
		c.outputs[i].module = module
	}
	return err
}

// resource3 reads a member of a module's resources.
func (x *indexer) resource3(address span) error {
	c := &x.v3
	if ok, err := x.expect(c, "a resource", Object); !ok {
		return err
	}
	r, ok := legacyAddress(unquote(address.of(x.f.data)))
	if !ok && c.malformed == nil {
		c.malformed = x.wrong("the name of a resource", address, "an address such as type.name or data.type.name.0")
	}
	from := len(c.instances)
	// Of duplicates, the last one is read.
	forget := func(deposed bool) {
		kept := slices.DeleteFunc(c.instances[from:], func(i Instance) bool { return (i.Deposed != "") == deposed })
		c.instances = c.instances[:from+len(kept)]
	}
	_, err := x.object(func(name span) error {
		switch x.field(name, "primary", "deposed", "provider") {
		case "provider":
			return x.shared(c, "provider", &r.Provider)
		case "primary":
			forget(false)
			return x.instance3("")
		case "deposed":
			forget(true)
			if ok, err := x.expect(c, "deposed", Array); !ok {
				return err
			}
			n := 0
			_, err := x.list(func() error {
				err := x.instance3("#" + strconv.Itoa(n))
				n++
				return err
			})
			return err
		}
		_, err := x.value()
		return err
	})
	for i := from; i < len(c.instances); i++ {
		instance := &c.instances[i]
		instance.Mode, instance.Type, instance.Name, instance.Key, instance.Provider = r.Mode, r.Type, r.Name, r.Key, r.Provider
	}
	return err
}

// legacyAddress takes apart the address of a resource in version 3, as
// Terraform 0.12 and newer do (statefile, parseLegacyResourceAddress).
func legacyAddress(address string) (Instance, bool) {
	parts := strings.Split(address, ".")
	i := Instance{Mode: Managed}
	if len(parts) > 2 && parts[0] == "data" {
		i.Mode, parts = Data, parts[1:]
	}
	if len(parts) < 2 || len(parts) > 3 {
		return i, false
	}
	i.Type, i.Name = parts[0], parts[1]
	if len(parts) == 3 {
		n, err := strconv.ParseInt(parts[2], 0, 0)
		if err != nil {
			return i, false
		}
		i.Key = IntKey(int(n))
	}
	return i, true
}

func (x *indexer) instance3(deposed string) error {
	c := &x.v3
	if ok, err := x.expect(c, "an instance", Object); !ok {
		return err
	}
	i := Instance{file: x.f, v3: true, flat: true, Deposed: deposed}
	var err error
	i.object, err = x.object(func(name span) error {
		switch x.field(name, "id", "attributes", "meta") {
		case "id":
			i.idName = name
			return x.into(c, "id", String, &i.id)
		case "attributes":
			return x.into(c, "attributes", Object, &i.attributes)
		case "meta":
			if ok, err := x.expect(c, "meta", Object); !ok {
				return err
			}
			_, err := x.object(func(name span) error {
				v, err := x.value()
				if err == nil && unquotesTo(name.of(x.f.data), "schema_version") && x.f.data[v.start] != 'n' {
					i.schema = v
				}
				return err
			})
			return err
		}
		_, err := x.value()
		return err
	})
	if err == nil && !i.schema.none() {
		i.SchemaVersion = x.number(c, "schema_version", i.schema, (Value{x.f, i.schema}).Text())
	}
	x.instance(c, i)
	return err
}
