package powerloss

import (
	"bytes"
	"iter"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
)

// Loss is what a disk may hold after a loss of power.
type Loss struct {
	After int // so many operations were begun; see [Disk.Ops]
	Files Files
	// Lost says what of the operations that weren't synced is missing.
	Lost string
	// Sampled says that this is one of a selection: there are more combinations than the limit.
	Sampled bool
}

// Losses yields what the disk may hold after a loss of power, at any moment from the
// operation from (an index into [Disk.Ops]) on. Between two syncs it yields each
// combination of what may be lost, or, if there are more than limit of them, the
// loss of all and of nothing, of each alone, of all but each, and of limit that are
// chosen at random, by the seed. What was yielded before between the same two syncs isn't
// again.
func (d *Disk) Losses(from, limit int, seed uint64) iter.Seq[Loss] {
	return func(yield func(Loss) bool) {
		ops := d.Ops()
		random := rand.New(rand.NewPCG(seed, 0))
		for at := from; at <= len(ops); at++ {
			// What is left before an operation that isn't a sync is among what is left
			// before the next sync.
			if at < len(ops) && ops[at].Kind != Sync && ops[at].Kind != SyncFolder {
				continue
			}
			v := d.after(at)
			choices := d.choices(v)
			seen := make(map[string]bool)
			all, sampled := combinations(choices, limit, random)
			for picked := range all {
				files := d.files(v, choices, picked)
				key := files.key()
				if seen[key] {
					continue
				}
				seen[key] = true
				if !yield(Loss{After: at, Files: files, Lost: lost(choices, picked), Sampled: sampled}) {
					return
				}
			}
		}
	}
}

// volume is a disk in the middle of what a program does: what is on it for sure,
// and what isn't synced.
type volume struct {
	durable map[string]int
	names   []Op // on names, not synced
	nodes   []*content
}

// content is a file's, as it is on the disk, and what isn't synced.
type content struct {
	synced  []byte
	changes []Op
}

// now is the content as programs see it.
func (c *content) now() []byte {
	data := bytes.Clone(c.synced)
	for _, op := range c.changes {
		if op.Kind == Truncate {
			data = resized(data, op.Size)
			continue
		}
		data = written(data, op.Offset, op.data)
	}
	return data
}

// lengths are those that the file has had since it was synced, the last one last.
func (c *content) lengths() []int64 {
	n := int64(len(c.synced))
	all := []int64{n}
	for _, op := range c.changes {
		if n = max(n, op.Offset+op.Size); op.Kind == Truncate {
			n = op.Size
		}
		all = append(slices.DeleteFunc(all, func(l int64) bool { return l == n }), n)
	}
	return all
}

func resized(data []byte, size int64) []byte {
	if n := size - int64(len(data)); n > 0 {
		return append(data, make([]byte, n)...)
	}
	return data[:size]
}

func written(data []byte, offset int64, part []byte) []byte {
	if end := offset + int64(len(part)); end > int64(len(data)) {
		data = resized(data, end)
	}
	copy(data[offset:], part)
	return data
}

// after works out what is synced and what isn't after the first n operations.
func (d *Disk) after(n int) *volume {
	v := &volume{durable: maps.Clone(d.start)}
	for _, base := range d.bases {
		v.nodes = append(v.nodes, &content{synced: base})
	}
	for _, op := range d.ops[:n] {
		switch op.Kind {
		case Write, Truncate:
			c := v.nodes[op.node]
			c.changes = append(c.changes, op)
		case Sync:
			c := v.nodes[op.node]
			c.synced, c.changes = c.now(), nil
		case Create, Rename, Link, Remove:
			v.names = append(v.names, op)
		case SyncFolder:
			v.names = slices.DeleteFunc(v.names, func(o Op) bool {
				in := path.Dir(o.Name) == op.Name
				if in {
					rename(v.durable, o)
				}
				return in
			})
		}
	}
	return v
}

// choice is something that may have got to the disk or not. Of its options the first
// is that nothing of it has, and the last that all of it has.
type choice struct {
	op      Op
	node    int  // -1: a name
	length  bool // of the file
	options int
}

// Options of a write between those.
const (
	firstHalf  = 1
	secondHalf = 2
)

// middle returns how many bytes of a write come before the end of a sector in the middle
// of it, and 0 if it ends in the sector that it begins in.
func (d *Disk) middle(op Op) int64 {
	end := (op.Offset + op.Size/2) / d.Sector * d.Sector
	if end <= op.Offset {
		end += d.Sector
	}
	if end = end - op.Offset; end >= op.Size {
		return 0
	}
	return end
}

// choices lists what is open.
func (d *Disk) choices(v *volume) []choice {
	var all []choice
	named := make(map[int]bool)
	for _, node := range v.durable {
		named[node] = true
	}
	for _, op := range v.names {
		all = append(all, choice{op: op, node: -1, options: 2})
		named[op.node] = true
	}
	for i, c := range v.nodes {
		if !named[i] {
			continue
		}
		for _, op := range c.changes {
			switch {
			case op.Kind == Write && d.middle(op) > 0:
				all = append(all, choice{op: op, node: i, options: 4})
			case op.Kind == Write:
				all = append(all, choice{op: op, node: i, options: 2})
			}
		}
		if n := len(c.lengths()); n > 1 {
			all = append(all, choice{op: Op{Kind: "length of", Name: c.changes[0].Name}, node: i, length: true, options: n})
		}
	}
	return all
}

// combinations yields what to pick of the choices, and reports whether that isn't all. What
// is yielded is overwritten by the next.
func combinations(choices []choice, limit int, random *rand.Rand) (all iter.Seq[[]int], sampled bool) {
	total := 1
	for _, c := range choices {
		if total *= c.options; total > limit {
			break
		}
	}
	picked := make([]int, len(choices))
	all = func(yield func([]int) bool) {
		if total <= limit {
			for {
				if !yield(picked) {
					return
				}
				i := 0
				for ; i < len(picked); i++ {
					if picked[i]++; picked[i] < choices[i].options {
						break
					}
					picked[i] = 0
				}
				if i == len(picked) {
					return
				}
			}
		}
		for _, all := range []bool{false, true} {
			for i := range picked {
				picked[i] = 0
				if all {
					picked[i] = choices[i].options - 1
				}
			}
			if !yield(picked) {
				return
			}
			for i := range picked {
				was := picked[i]
				for picked[i] = range choices[i].options {
					if picked[i] != was && !yield(picked) {
						return
					}
				}
				picked[i] = was
			}
		}
		for range limit {
			for i := range picked {
				picked[i] = random.IntN(choices[i].options)
			}
			if !yield(picked) {
				return
			}
		}
	}
	return all, total > limit
}

// files are those on the disk when of each choice what is picked has got there.
func (d *Disk) files(v *volume, choices []choice, picked []int) Files {
	names := maps.Clone(v.durable)
	contents := make(map[int][]byte)
	size := make(map[int]int64)
	of := func(node int) []byte {
		if data, ok := contents[node]; ok {
			return data
		}
		return bytes.Clone(v.nodes[node].synced)
	}
	for i, c := range choices {
		switch {
		case c.node < 0:
			if picked[i] == 1 {
				rename(names, c.op)
			}
		case c.length:
			size[c.node] = v.nodes[c.node].lengths()[picked[i]]
		default:
			from, to := int64(0), c.op.Size
			switch {
			case picked[i] == 0:
				continue
			case picked[i] == c.options-1:
			case picked[i] == firstHalf:
				to = d.middle(c.op)
			case picked[i] == secondHalf:
				from = d.middle(c.op)
			}
			contents[c.node] = written(of(c.node), c.op.Offset+from, c.op.data[from:to])
		}
	}
	files := make(Files)
	for name, node := range names {
		n, open := size[node]
		if !open {
			lengths := v.nodes[node].lengths()
			n = lengths[len(lengths)-1]
		}
		files[name] = string(resized(of(node), n))
	}
	return files
}

// lost says what of the choices isn't on the disk.
func lost(choices []choice, picked []int) string {
	var b strings.Builder
	for i, c := range choices {
		if picked[i] == c.options-1 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if picked[i] > 0 {
			b.WriteString("a part of ")
		}
		b.WriteString(c.op.String())
	}
	if b.Len() == 0 {
		return "nothing"
	}
	return b.String()
}
