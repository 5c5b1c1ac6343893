package files

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What Rondo wrote into a project directory is left out; a user's files of the same names are not.
func TestOwnFilesAreLeftOut(t *testing.T) {
	const set = "{\n  \"format\": \"rondo-shards\",\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		keys  []string
		left  map[Reason]int
	}{
		{"a project", map[string]string{
			"a.txt": "a", "run.yaml": "name: a", "run.log": "step 1", "run.log.2": "step 1",
			"shards/train/set.json": set, "shards/train/train-00000.shard": "x", "shards/valid/set.json": set,
			"runs/a/step-000000010/manifest.json": "{}", "runs/a/step-000000020/weights.safetensors": "x",
			"runs/a/logs/worker-0.log": "w", "runs/a/directory-id": "T6S65YZJ5GIJZ4CQBSQEPH3VM6", "runs/a/owner": "{}", "runs/a/journal.jsonl": "{}",
			"cut.journal": "rondo-cut 0123\n0\n", "runs/a/record/record.json": "{}", "runs/b/record/lock": "", "runs/b/record/etcd/member/x": "x",
		}, []string{"a.txt", "run.yaml"}, map[Reason]int{Log: 3, ShardSet: 2, RunFiles: 7, Output: 1}},
		{"namesakes", map[string]string{
			"set.json": `{"format": "chess"}`, "step-000000010/a.txt": "a", "step-1/manifest.json": "{}",
			"record/a.txt": "a", "logs/a.txt": "a", "catalog": "a", "cut.journal": "a", "owner": "a", "journal.jsonl": "a", "directory-id": strings.Repeat("a directory ", 9),
		}, []string{"catalog", "cut.journal", "directory-id", "journal.jsonl", "logs/a.txt", "owner", "record/a.txt", "set.json", "step-000000010/a.txt", "step-1/manifest.json"}, map[Reason]int{}},
	} {
		dir := t.TempDir()
		for name, content := range c.files {
			put(t, filepath.Join(dir, name), content)
		}
		keys, left := keysOf(t, Options{}, dir)
		if !slices.Equal(keys, c.keys) || !maps.Equal(left, c.left) {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, keys, left, c.keys, c.left)
		}
		_, _, err := Find(Options{}, []string{filepath.Join(dir, "shards/train")})
		if c.name == "a project" && (err == nil || !strings.Contains(err.Error(), "train is no raw data but a shard set")) {
			t.Errorf("a shard set by name: %v", err)
		}
	}
}
