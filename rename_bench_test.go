package herokutf

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/statefile"
)

// bigState is a state of some 50 MB and 30,000 instances.
var bigState = sync.OnceValue(func() []byte { return stategen.State(30000) })

func BenchmarkRepairRename(b *testing.B) {
	for _, size := range []struct {
		name      string
		instances int
	}{{"10kB", 6}, {"1MB", 600}, {"20MB", 12000}, {"50MB", 30000}} {
		data := bigState()
		if size.instances != 30000 {
			data = stategen.State(size.instances)
		}
		f, err := statefile.Parse("state", data)
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range []int{1, 100} {
			var renames []Rename
			for i := range min(n, size.instances/6) {
				renames = append(renames, Rename{Old: stategen.AppName(6 * i), New: fmt.Sprintf("renamed-%d", i)})
			}
			if len(renames) < n {
				continue
			}
			b.Run(fmt.Sprintf("%s/renames=%d", size.name, n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					if _, err := RepairRename(f, renames...); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRepairWhole reads, repairs, proves and writes a state of 50 MB.
func BenchmarkRepairWhole(b *testing.B) {
	name := filepath.Join(b.TempDir(), "terraform.tfstate")
	data := bigState()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		b.StopTimer()
		if err := os.WriteFile(name, data, 0o600); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		f, err := statefile.Parse(name, text)
		if err != nil {
			b.Fatal(err)
		}
		repair, err := RepairRename(f, Rename{Old: stategen.AppName(7), New: "renamed-7"})
		if err != nil {
			b.Fatal(err)
		}
		after, err := repair.Apply()
		if err != nil {
			b.Fatal(err)
		}
		out, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := out.Write(after.Bytes()); err != nil {
			b.Fatal(err)
		}
		if err := out.Sync(); err != nil {
			b.Fatal(err)
		}
		if err := out.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
