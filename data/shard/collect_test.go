package shard

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// keysOf collects paths and returns the sorted keys.
func keysOf(t *testing.T, opts TextOptions, paths ...string) ([]string, Skipped) {
	t.Helper()
	var skipped Skipped
	docs, err := collect(opts, paths, &skipped)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, d := range docs {
		keys = append(keys, d.key)
	}
	slices.Sort(keys)
	return keys, skipped
}

// tree makes a directory with one of everything.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a.go", "b.txt", ".hidden", ".git/config", ".git/x/y", "x/a.go", "x/c.go", "y/z/d.md", "big.go"} {
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

func TestCollect(t *testing.T) {
	dir := tree(t)
	in := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, dir+"/"+n)
		}
		return paths
	}
	all := []string{"a.go", "b.txt", "big.go", "linked.go", "x/a.go", "x/c.go", "y/z/d.md"}
	for _, c := range []struct {
		name    string
		opts    TextOptions
		paths   []string
		keys    []string
		skipped Skipped
	}{
		{"directory", TextOptions{}, in(""), all, Skipped{Hidden: 2, Other: 2}},
		{"twice", TextOptions{}, in("", "x", "x/a.go"), all, Skipped{Hidden: 2, Other: 2}},
		{"through a link", TextOptions{}, in("loop"), all, Skipped{Hidden: 2, Other: 2}},
		{"by name", TextOptions{Include: []string{"*.go"}}, in(""),
			[]string{"a.go", "big.go", "linked.go", "x/a.go", "x/c.go"}, Skipped{Hidden: 2, Other: 2, Filtered: 2}},
		{"by path", TextOptions{Include: []string{"x/*", "*.md"}}, in(""),
			[]string{"x/a.go", "x/c.go", "y/z/d.md"}, Skipped{Hidden: 2, Other: 2, Filtered: 4}},
		{"by size", TextOptions{MaxFileBytes: 999, Include: []string{"*.go"}}, in(""),
			[]string{"a.go", "linked.go", "x/a.go", "x/c.go"}, Skipped{Hidden: 2, Other: 2, Filtered: 2, TooLarge: 1}},
		{"one file", TextOptions{Include: []string{"*.md"}}, in("x/a.go"), []string{"a.go"}, Skipped{}},
		{"files apart", TextOptions{}, in("x/a.go", "y/z/d.md"), []string{"x/a.go", "y/z/d.md"}, Skipped{}},
		{"hidden, but named", TextOptions{}, in(".git/x"), []string{"y"}, Skipped{}},
		{"pattern", TextOptions{}, in("*/*.go"), []string{"x/a.go", "x/c.go", "loop/a.go", "loop/big.go", "loop/linked.go"}, Skipped{}},
		{"pattern of directories", TextOptions{}, in("[xy]"), []string{"x/a.go", "x/c.go", "y/z/d.md"}, Skipped{}},
		{"pattern of everything", TextOptions{}, in("?r*", "b*", ".h*"), []string{"b.txt", "big.go"}, Skipped{Hidden: 1, Other: 2}},
		{"output within", TextOptions{Out: filepath.Join(dir, "x")}, in(""),
			[]string{"a.go", "b.txt", "big.go", "linked.go", "y/z/d.md"}, Skipped{Hidden: 2, Other: 2}},
		{"sets of an output around", TextOptions{Out: dir}, in(""), all, Skipped{Hidden: 2, Other: 2}},
	} {
		keys, skipped := keysOf(t, c.opts, c.paths...)
		slices.Sort(c.keys)
		if !slices.Equal(keys, c.keys) || skipped != c.skipped {
			t.Errorf("%s: %q, %+v; want %q, %+v", c.name, keys, skipped, c.keys, c.skipped)
		}
	}
}

func TestCollectLeavesOldShardsOut(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.txt"), "text")
	put(t, filepath.Join(dir, "train", manifestName), "{}")
	put(t, filepath.Join(dir, "valid", manifestName), "{}")
	if keys, _ := keysOf(t, TextOptions{Out: dir}, dir); !slices.Equal(keys, []string{"a.txt"}) {
		t.Errorf("%q", keys)
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
		r, _ := keysOf(t, TextOptions{}, c.relative...)
		a, _ := keysOf(t, TextOptions{}, c.absolute...)
		if !slices.Equal(r, a) || len(r) == 0 {
			t.Errorf("%q gives %q, %q gives %q", c.relative, r, c.absolute, a)
		}
	}
}
