package statefile

import (
	"testing"

	"github.com/herokutf/herokutf/internal/stategen"
)

// BenchmarkUpdate reads, edits, proves, backs up, writes and checks a state on the
// disk of the temporary folder, under the lock. The new name is longer or shorter
// than the old one, so that all bytes behind the first edit move.
func BenchmarkUpdate(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			data := stategen.State(size.instances)
			path := writeState(b, data)
			names := []string{stategen.AppName(size.instances / 2), "renamed"}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				done, err := Update(b.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
					return f.Apply(renameApp(f, names[0], names[1])...)
				})
				if err != nil || !done.Changed {
					b.Fatal(done, err)
				}
				names[0], names[1] = names[1], names[0]
				b.StopTimer()
				must(b, disk.remove("", done.Backup))
				b.StartTimer()
			}
		})
	}
}
