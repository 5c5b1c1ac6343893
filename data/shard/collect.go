package shard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// collector finds the files that paths name. Nothing is opened: a pipe would wait for ever.
type collector struct {
	opts    TextOptions
	skipped *Skipped
	out     []os.FileInfo   // opts.Out and its sets, if they are there: never taken for input
	seen    map[string]bool // absolute paths taken, for files that are named twice
	docs    []document
	named   []string // files named one by one; their keys wait for the directory they share
}

// collect finds the documents that paths name, in no particular order, each once.
func collect(opts TextOptions, paths []string, skipped *Skipped) ([]document, error) {
	if len(paths) == 0 {
		return nil, errors.New("no text given: name files, directories or patterns")
	}
	c := &collector{opts: opts, skipped: skipped, seen: map[string]bool{}}
	for _, dir := range []string{"", trainName, validName} {
		if info, err := os.Stat(filepath.Join(opts.Out, dir)); err == nil {
			c.out = append(c.out, info)
		}
	}
	for _, p := range paths {
		if err := c.path(p); err != nil {
			return nil, err
		}
	}
	base, err := sharedDir(c.named)
	if err != nil {
		return nil, err
	}
	for _, p := range c.named {
		if err := c.add(p, base); err != nil {
			return nil, err
		}
	}
	return c.docs, nil
}

// path takes one path as the user gave it.
func (c *collector) path(p string) error {
	info, err := os.Stat(p)
	switch {
	case err == nil && info.IsDir():
		return c.walk(p, p)
	case err == nil && info.Mode().IsRegular():
		c.named = append(c.named, p)
		return nil
	case err == nil:
		return fmt.Errorf("%s is neither a file nor a directory", p)
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(p, `*?[`):
		return fmt.Errorf("cannot read the text: %w", err)
	}
	return c.pattern(p)
}

// pattern takes what a pattern matches. Keys are relative to the part of it without wildcards.
func (c *collector) pattern(p string) error {
	matches, err := filepath.Glob(p)
	if err != nil {
		return fmt.Errorf("pattern %q: %w", p, err)
	}
	if len(matches) == 0 {
		return fmt.Errorf("%q matches no file", p)
	}
	base := filepath.Dir(p[:strings.IndexAny(p, `*?[`)] + "x")
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case strings.HasPrefix(filepath.Base(m), "."):
			c.skipped.Hidden++
		case err == nil && info.IsDir():
			err = c.walk(m, base)
		case err == nil && info.Mode().IsRegular():
			err = c.add(m, base)
		default:
			c.skipped.Other++
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// walk takes the files under dir, with keys relative to base.
func (c *collector) walk(dir, base string) error {
	root, err := filepath.EvalSymlinks(dir) // WalkDir would not follow dir itself
	if err != nil {
		return fmt.Errorf("cannot read the text: %w", err)
	}
	prefix, err := relative(base, dir)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("cannot read the text: %w", err)
		}
		if p == root {
			return nil
		}
		inner, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		return c.entry(p, filepath.ToSlash(inner), filepath.ToSlash(filepath.Join(prefix, inner)), d)
	})
}

// entry takes one thing found under a directory: inner is its path there, key the one it is known by.
func (c *collector) entry(p, inner, key string, d fs.DirEntry) error {
	if strings.HasPrefix(d.Name(), ".") {
		c.skipped.Hidden++
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if d.IsDir() {
		info, err := d.Info()
		if err == nil && slices.ContainsFunc(c.out, func(out os.FileInfo) bool { return os.SameFile(info, out) }) {
			return fs.SkipDir
		}
		return nil
	}
	info, err := os.Stat(p) // follows a link to a file
	switch {
	case err != nil || !info.Mode().IsRegular():
		c.skipped.Other++
	case !c.included(inner):
		c.skipped.Filtered++
	default:
		c.take(p, key, info)
	}
	return nil
}

// included says whether Include lets a file of a directory in.
func (c *collector) included(inner string) bool {
	for _, pattern := range c.opts.Include {
		name := inner
		if !strings.Contains(pattern, "/") {
			name = path.Base(inner)
		}
		if ok, _ := path.Match(pattern, name); ok {
			return true
		}
	}
	return len(c.opts.Include) == 0
}

// add takes a file named by itself or by a pattern, with its key relative to base.
func (c *collector) add(p, base string) error {
	info, err := os.Stat(p)
	if err != nil {
		return fmt.Errorf("cannot read the text: %w", err)
	}
	key, err := relative(base, p)
	if err != nil {
		return err
	}
	c.take(p, filepath.ToSlash(key), info)
	return nil
}

// take keeps a regular file unless it is too large or already kept.
func (c *collector) take(p, key string, info fs.FileInfo) {
	abs, err := filepath.Abs(p)
	if err != nil {
		abs = p
	}
	switch {
	case c.seen[abs]:
	case c.opts.MaxFileBytes > 0 && info.Size() > c.opts.MaxFileBytes:
		c.skipped.TooLarge++
	default:
		c.docs = append(c.docs, newDocument(p, key))
	}
	c.seen[abs] = true
}

// relative is p as seen from base, wherever the program runs.
func relative(base, p string) (string, error) {
	base, err := filepath.Abs(base)
	if err == nil {
		p, err = filepath.Abs(p)
	}
	if err == nil {
		p, err = filepath.Rel(base, p)
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the text: %w", err)
	}
	return p, nil
}

// sharedDir is the deepest directory that all files are in, so that the files a/x and b/x have the
// keys a/x and b/x wherever they lie.
func sharedDir(files []string) (string, error) {
	dir := ""
	for i, f := range files {
		abs, err := filepath.Abs(f)
		if err != nil {
			return "", fmt.Errorf("cannot read the text: %w", err)
		}
		if i == 0 {
			dir = filepath.Dir(abs)
		}
		for !strings.HasPrefix(abs, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator)) {
			parent := filepath.Dir(dir)
			if parent == dir {
				break // two roots
			}
			dir = parent
		}
	}
	return dir, nil
}

func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q of the files to include: %w", p, err)
		}
	}
	return nil
}
