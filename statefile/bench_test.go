package statefile

import (
	"fmt"
	"testing"

	"github.com/herokutf/herokutf/internal/stategen"
)

// sizes are the numbers of instances that give 10 kB, 1 MB, 20 MB and 50 MB.
var sizes = []struct {
	name      string
	instances int
}{{"10kB", 6}, {"1MB", 600}, {"20MB", 11_500}, {"50MB", 30_000}}

func BenchmarkParse(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			data := stategen.State(size.instances)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("bench", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkApply edits the six instances of one app, proof included.
func BenchmarkApply(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			data := stategen.State(size.instances)
			f, err := Parse("bench", data)
			if err != nil {
				b.Fatal(err)
			}
			edits := renameApp(f, stategen.AppName(size.instances/2), "renamed")
			if len(edits) < 6 {
				b.Fatalf("got %d edits", len(edits))
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Apply(edits...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInsert(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			data := stategen.State(size.instances)
			f, err := Parse("bench", data)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Apply(InsertInstance(f, fresh("new"))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSearch looks through all instances for an app's name.
func BenchmarkSearch(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			data := stategen.State(size.instances)
			f, err := Parse("bench", data)
			if err != nil {
				b.Fatal(err)
			}
			name := stategen.AppName(size.instances / 2)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if len(renameApp(f, name, "renamed")) < 6 {
					b.Fatal("too few edits")
				}
			}
		})
	}
}

// BenchmarkRest walks what is outside of attributes and outputs.
func BenchmarkRest(b *testing.B) {
	data := stategen.State(30_000)
	f, err := Parse("bench", data)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for path := range f.Rest() {
			b.Fatal(fmt.Sprint(path))
		}
	}
}

// renameApp returns the edits that replace a name wherever it is a whole
// attribute.
func renameApp(f *File, from, to string) []Edit {
	var edits []Edit
	for i := range f.Instances() {
		if !i.MayContain(from) {
			continue
		}
		for _, v := range i.Scalars() {
			if v.IsString() && v.Text() == from {
				edits = append(edits, ReplaceString(v, to))
			}
		}
	}
	return edits
}
