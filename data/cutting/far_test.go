package cutting

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3"
	"github.com/rondo-ml/rondo/data/shard"
)

// farPictures are options and a folder of pictures that make several shards of each set.
func farPictures(t *testing.T) (ImagesOptions, []string) {
	t.Helper()
	dir := t.TempDir()
	for i := range 60 {
		content := square(3+i*7%40, byte(i))
		if i%50 == 7 {
			content = content[:len(content)/2]
		}
		put(t, filepath.Join(dir, fmt.Sprint(i%2), fmt.Sprintf("%03d.png", i)), content)
	}
	return ImagesOptions{Options: Options{Valid: 0.3, SkipUnreadable: true, ShardBytes: 16 << 10, Workers: 2},
		PictureOptions: PictureOptions{Square: 48}}, []string{dir}
}

// names are those of all objects below a key, without the tags of shards.
func names(t *testing.T, address string) (all []string) {
	t.Helper()
	b, key, err := objects.At(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", "/train", "/valid"} {
		list, err := b.List(context.Background(), key+dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range list {
			if first, rest, is := strings.Cut(name, "."); is && strings.HasSuffix(name, ".shard") {
				_, number, _ := strings.Cut(rest, "-")
				name = first + "-" + number
			}
			if !strings.HasSuffix(name, "/") && name != "train" && name != "valid" && !strings.HasPrefix(name, "probe-") {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// same wants the sets at an address to be whole, and those that a directory got.
func same(t *testing.T, address string, made, want Summary) {
	t.Helper()
	for dir, w := range map[string]SetSummary{shard.TrainDir(address): want.Train, shard.ValidDir(address): *want.Valid} {
		if _, err := shard.Verify(dir); err != nil {
			t.Fatal(err)
		}
		set, err := shard.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if set.Hash() != w.Hash || set.Records() != w.Samples || set.Shards() != w.Shards {
			t.Errorf("%s: %d records, hash %.12s; a directory has %d, %.12s", dir, set.Records(), set.Hash(), w.Samples, w.Hash)
		}
	}
	if made.Train.Hash != want.Train.Hash || made.Valid.Hash != want.Valid.Hash || len(made.Unreadable) != len(want.Unreadable) {
		t.Errorf("told %+v", made)
	}
}

// TestCutIntoStore: an object store gets the sets that a directory gets, whatever befalls the requests, and nothing else stays there.
func TestCutIntoStore(t *testing.T) {
	o, in := farPictures(t)
	o.Out = t.TempDir()
	want, err := Images(o, in)
	if err != nil {
		t.Fatal(err)
	}
	if want.Train.Shards < 3 || want.Valid.Shards < 2 {
		t.Fatalf("%d and %d shards: more are wanted", want.Train.Shards, want.Valid.Shards)
	}
	s := objectstest.New(t)
	n := 0
	s.Interfere(func(r *http.Request) objectstest.Fault {
		n++
		return []objectstest.Fault{{}, {}, {}, {Status: 503}, {}, {}, {Lose: r.Method == "PUT"}, {}, {}, {}, {Reset: true}}[n%11]
	})
	o.Out = s.Address("sets")
	made, err := Images(o, in)
	if err != nil {
		t.Fatal(err)
	}
	s.Interfere(nil)
	same(t, o.Out, made, want)
	there := names(t, o.Out)
	if wanted := want.Train.Shards + want.Valid.Shards + 2; len(there) != wanted {
		t.Errorf("%d objects are there, %v; want %d", len(there), there, wanted)
	}
	if _, err := Images(o, in); !errors.Is(err, shard.ErrSetExists) || !strings.Contains(err.Error(), "--overwrite") {
		t.Errorf("where sets are: %v", err)
	}
	o.Overwrite = true
	if made, err = Images(o, in); err != nil {
		t.Fatal(err)
	}
	same(t, o.Out, made, want)
	if now := names(t, o.Out); !slices.Equal(now, there) {
		t.Errorf("after the sets were replaced there are %v", now)
	}
	s.IgnoreConditions(true)
	if _, err := Images(o, in); err == nil || !strings.Contains(err.Error(), "no conditional writes") {
		t.Errorf("a store that overwrites everything: %v", err)
	}
}

// TestStoppedCutIntoStore: a cut that the store stops anywhere leaves no set that is not whole, and the same command goes on with what was
// uploaded.
func TestStoppedCutIntoStore(t *testing.T) {
	o, in := farPictures(t)
	stopByStore(t, o.Options, func(s Options) (Summary, error) { o.Options = s; return Images(o, in) })
}

// TestStoppedRecordsIntoStore: so it is with files of records, a sample each.
func TestStoppedRecordsIntoStore(t *testing.T) {
	for _, c := range eachCuts(t)[:2] {
		stopByStore(t, eachOptions, c.cut)
	}
}

// stopByStore has the store stop a cut after every few writes.
func stopByStore(t *testing.T, o Options, cut func(Options) (Summary, error)) {
	t.Helper()
	o.Out = t.TempDir()
	want, err := cut(o)
	if err != nil {
		t.Fatal(err)
	}
	wentOn := 0
	for after := 0; ; after += 1 + after%3 {
		s := objectstest.New(t)
		o.Out = s.Address("sets")
		puts := 0
		s.Interfere(func(r *http.Request) objectstest.Fault {
			if r.Method == "PUT" {
				puts++
			}
			if puts > after {
				return objectstest.Fault{Status: 403, Code: "AccessDenied"}
			}
			return objectstest.Fault{}
		})
		first, err := cut(o)
		if err == nil {
			same(t, o.Out, first, want)
			break
		}
		if !errors.Is(err, fs.ErrPermission) {
			t.Fatalf("stopped by the store after %d writes: %v", after, err)
		}
		s.Interfere(nil)
		uploaded := strings.Join(names(t, o.Out), " ")
		shards := want.Train.Shards + want.Valid.Shards
		if _, err := shard.Verify(shard.TrainDir(o.Out)); err == nil { // it was the end of the claim that failed
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after %d writes there is a set: %v", after, err)
		}
		said, again := "", o
		again.Say = func(text string) { said += text }
		puts = 0
		s.Interfere(func(r *http.Request) objectstest.Fault {
			if r.Method == "PUT" && strings.HasSuffix(r.URL.Path, ".shard") {
				puts++
			}
			return objectstest.Fault{}
		})
		made, err := cut(again)
		if err != nil {
			t.Fatalf("going on after %d writes, with %s: %v", after, uploaded, err)
		}
		same(t, o.Out, made, want)
		if strings.Contains(said, "samples stand") {
			wentOn++
			if stood := strings.Count(uploaded, ".shard"); puts != shards-stood {
				t.Errorf("stopped after %d writes: %d of %d shards were uploaded again, and there was %s", after, puts, shards, uploaded)
			}
		}
		if all := len(names(t, o.Out)); all != shards+2 {
			t.Errorf("stopped after %d writes, gone on: %d objects are left", after, all)
		}
	}
	if wentOn < 3 {
		t.Errorf("%d cuts went on, more are wanted", wentOn)
	}
}

// TestAnotherCutIntoStore: whoever begins to cut later has the place, and the first is told so; the sets are those of one.
func TestAnotherCutIntoStore(t *testing.T) {
	o, in := farPictures(t)
	s := objectstest.New(t)
	o.Out = s.Address("sets")
	other := o
	other.Valid = 0.5
	var second Summary
	began := false
	o.Progress = func(done, _ int) {
		if began {
			return
		}
		began = true
		var err error
		if second, err = Images(other, in); err != nil {
			t.Error(err)
		}
	}
	if _, err := Images(o, in); err == nil || !strings.Contains(err.Error(), "another process is cutting into this place") {
		t.Errorf("the first cut: %v", err)
	}
	same(t, o.Out, second, second)
}

// TestReviewsIntoStore: a text of reviews goes into a store as into a directory, and goes on there.
func TestReviewsIntoStore(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&text, "review number %d of a film that was %s\n", i, strings.Repeat("very ", i%7))
	}
	in := []string{filepath.Join(dir, "a.txt")}
	put(t, in[0], []byte(text.String()))
	o := ReviewsOptions{Options: Options{Out: filepath.Join(dir, "out"), Valid: 0.3, ShardBytes: 70 << 10}}
	want, err := Reviews(o, in)
	if err != nil {
		t.Fatal(err)
	}
	s := objectstest.New(t)
	o.Out = s.Address("reviews")
	puts, said := 0, ""
	o.Say = func(text string) { said += text }
	s.Interfere(func(r *http.Request) objectstest.Fault {
		if r.Method == "PUT" && strings.HasSuffix(r.URL.Path, ".shard") {
			if puts++; puts > 3 {
				return objectstest.Fault{Status: 403, Code: "AccessDenied"}
			}
		}
		return objectstest.Fault{}
	})
	if _, err := Reviews(o, in); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "the same command goes on") {
		t.Errorf("stopped by the store: %v", err)
	}
	s.Interfere(nil)
	made, err := Reviews(o, in)
	if err != nil {
		t.Fatal(err)
	}
	if made.Train.Hash != want.Train.Hash || made.Valid.Hash != want.Valid.Hash || !strings.Contains(said, "going on") {
		t.Errorf("made %+v, want %+v; said %q", made.Train, want.Train, said)
	}
	if _, err := shard.Verify(o.Out); err != nil {
		t.Error(err)
	}
}
