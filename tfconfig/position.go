package tfconfig

// Position returns where the block of a resource or data source stands, by the address
// of one of its instances, as a state has it; ok is false if the configuration has no
// such block, or is in a module that wasn't followed.
func (c *Config) Position(address string) (p Position, ok bool) {
	t, err := c.lookup(address)
	if err != nil {
		return Position{}, false
	}
	return c.position(t.block.rng), true
}
