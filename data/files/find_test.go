package files

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put writes a file, with the directories it is in.
func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// keysOf finds paths and returns the sorted keys and the counts by reason.
func keysOf(t *testing.T, opts Options, paths ...string) (keys []string, left map[Reason]int) {
	t.Helper()
	found, out, err := Find(opts, paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		keys = append(keys, f.Key)
	}
	slices.Sort(keys)
	left = map[Reason]int{}
	for _, l := range out {
		left[l.Reason]++
	}
	return keys, left
}

// tree makes a directory with one of everything.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a.go", "b.txt", ".hidden", ".git/config", ".git/x/y", "__MACOSX/x/a", "x/a.go", "x/c.go", "y/z/d.md", "run.log"} {
		put(t, filepath.Join(dir, name), name)
	}
	put(t, filepath.Join(dir, "big.go"), strings.Repeat("x", 1000))
	for from, to := range map[string]string{"linked.go": "x/c.go", "loop": ".", "broken": "nowhere"} {
		if err := os.Symlink(filepath.Join(dir, to), filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	dir := tree(t)
	in := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, dir+"/"+n)
		}
		return paths
	}
	all := []string{"a.go", "b.txt", "big.go", "x/a.go", "x/c.go", "y/z/d.md"}
	left := func(more map[Reason]int) map[Reason]int {
		m := map[Reason]int{Hidden: 3, NotFile: 2, Log: 1, Repeated: 1}
		maps.Copy(m, more)
		maps.DeleteFunc(m, func(_ Reason, n int) bool { return n == 0 })
		return m
	}
	for _, c := range []struct {
		name  string
		opts  Options
		paths []string
		keys  []string
		left  map[Reason]int
	}{
		{"directory", Options{}, in(""), all, left(nil)},
		{"twice", Options{}, in("", "x", "x/a.go"), all, left(nil)},
		{"named twice", Options{}, in("x/a.go", "y/z/d.md", "x/a.go"), []string{"x/a.go", "y/z/d.md"}, map[Reason]int{Repeated: 1}},
		{"through a link", Options{}, in("loop"), all, left(nil)},
		{"by name", Options{Include: []string{"*.go"}}, in(""),
			[]string{"a.go", "big.go", "x/a.go", "x/c.go"}, left(map[Reason]int{NotIncluded: 3, Log: 0})},
		{"a log by name", Options{Include: []string{"*.log"}}, in(""),
			[]string{"run.log"}, left(map[Reason]int{NotIncluded: 7, Log: 0, Repeated: 0})},
		{"a log that is named", Options{}, in("run.log"), []string{"run.log"}, left(map[Reason]int{Hidden: 0, NotFile: 0, Log: 0, Repeated: 0})},
		{"by path", Options{Include: []string{"x/*", "*.md"}}, in(""),
			[]string{"x/a.go", "x/c.go", "y/z/d.md"}, left(map[Reason]int{NotIncluded: 5, Log: 0, Repeated: 0})},
		{"by size", Options{MaxBytes: 999, Include: []string{"*.go"}}, in(""),
			[]string{"a.go", "x/a.go", "x/c.go"}, left(map[Reason]int{NotIncluded: 3, Log: 0, TooLarge: 1})},
		{"without some names", Options{Exclude: []string{"*.go", "z"}}, in(""),
			[]string{"b.txt"}, left(map[Reason]int{Excluded: 6, Repeated: 0})},
		{"without a directory", Options{Exclude: []string{"x/"}}, in(""),
			[]string{"a.go", "b.txt", "big.go", "linked.go", "y/z/d.md"}, left(map[Reason]int{Excluded: 1, Repeated: 0})},
		{"without a path", Options{Exclude: []string{"x/a.go"}}, in(""),
			[]string{"a.go", "b.txt", "big.go", "x/c.go", "y/z/d.md"}, left(map[Reason]int{Excluded: 1})},
		{"named and excluded", Options{Exclude: []string{"a.go"}}, in("a.go", "b.txt"), []string{"b.txt"}, map[Reason]int{Excluded: 1}},
		{"one file", Options{Include: []string{"*.md"}}, in("x/a.go"), []string{"a.go"}, map[Reason]int{}},
		{"files apart", Options{}, in("x/a.go", "y/z/d.md"), []string{"x/a.go", "y/z/d.md"}, map[Reason]int{}},
		{"hidden, but named", Options{}, in(".git/x"), []string{"y"}, map[Reason]int{}},
		{"pattern", Options{}, in("*/*.go"), []string{"x/a.go", "x/c.go", "loop/a.go", "loop/big.go"}, map[Reason]int{Repeated: 1}},
		{"pattern of directories", Options{}, in("[xy]"), []string{"x/a.go", "x/c.go", "y/z/d.md"}, map[Reason]int{}},
		{"pattern of everything", Options{}, in("?r*", "b*", ".h*"), []string{"b.txt", "big.go"}, map[Reason]int{Hidden: 1, NotFile: 2}},
		{"pattern with exclusion", Options{Exclude: []string{"x"}}, in("[xy]"), []string{"y/z/d.md"}, map[Reason]int{Excluded: 1}},
		{"output within", Options{Out: in("x")}, in(""),
			[]string{"a.go", "b.txt", "big.go", "linked.go", "y/z/d.md"}, left(map[Reason]int{Output: 1, Repeated: 0})},
		{"output around", Options{Out: in("")}, in(""), all, left(nil)},
	} {
		keys, left := keysOf(t, c.opts, c.paths...)
		slices.Sort(c.keys)
		if !slices.Equal(keys, c.keys) || !maps.Equal(left, c.left) {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, keys, left, c.keys, c.left)
		}
	}
}

// A file counts once, whatever links lead to it, and is known by a path of its own rather than by a link.
func TestLinksCountOnce(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "u.txt"), "one sentence")
	for i := range 15 {
		for _, err := range []error{
			os.Symlink("u.txt", filepath.Join(dir, fmt.Sprintf("a-symbolic-%02d", i))), // before it in the order of names
			os.Link(filepath.Join(dir, "u.txt"), filepath.Join(dir, fmt.Sprintf("v-hard-%02d", i))),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	found, left, err := Find(Options{}, []string{dir, dir + "/a-symbolic-03", dir + "/v-hard-07"})
	if err != nil || len(found) != 1 || found[0].Key != "u.txt" || found[0].From != 0 || !found[0].Named || Count(left, Repeated) != 30 {
		t.Fatalf("%+v, left out %s, %v", found, Tally(left), err)
	}
}

// Relative and absolute paths to the same files give the same keys.
func TestKeysDoNotDependOnTheWorkingDirectory(t *testing.T) {
	dir := tree(t)
	t.Chdir(filepath.Join(dir, "y"))
	for _, c := range []struct{ relative, absolute []string }{
		{[]string{"../x/a.go", "z/d.md"}, []string{dir + "/x/a.go", dir + "/y/z/d.md"}},
		{[]string{".."}, []string{dir}},
		{[]string{"../x/*.go"}, []string{dir + "/x/*.go"}},
		{[]string{"z/d.md", dir + "/x/a.go"}, []string{dir + "/y/z/d.md", dir + "/x/a.go"}},
	} {
		r, _ := keysOf(t, Options{}, c.relative...)
		a, _ := keysOf(t, Options{}, c.absolute...)
		if !slices.Equal(r, a) || len(r) == 0 {
			t.Errorf("%q gives %q, %q gives %q", c.relative, r, c.absolute, a)
		}
	}
}

func TestFindRefuses(t *testing.T) {
	dir := tree(t)
	for _, c := range []struct {
		name string
		opts Options
		path string
		want string
	}{
		{"missing", Options{}, dir + "/none", "none: no such file"},
		{"no match", Options{}, dir + "/*.rs", `*.rs" matches no file`},
		{"bad pattern", Options{}, dir + "/[", "pattern"},
		{"bad include", Options{Include: []string{"["}}, dir, "include"},
		{"bad exclude", Options{Exclude: []string{"["}}, dir, "exclude"},
		{"device", Options{}, os.DevNull, "neither a file nor a directory"},
		{"largest file", Options{MaxBytes: -1}, dir, "largest file"},
		{"too large and named", Options{MaxBytes: 999}, dir + "/big.go", "big.go: too large: 1000 bytes, the limit is 999"},
	} {
		if _, _, err := Find(c.opts, []string{c.path}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
