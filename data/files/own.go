package files

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	checkpointName = regexp.MustCompile(`^step-\d{9}$`)
	logName        = regexp.MustCompile(`\.log(\.\d+)?$`)
)

// isLog says whether a file is a log by its name, such as run.log or run.log.1.
func isLog(name string) bool { return logName.MatchString(name) }

// The files by which the workers of a run tell that they share its directory, which run holds it, and what happened
// in it.
const (
	directoryID    = "directory-id"
	directoryOwner = "owner"
	runJournal     = "journal.jsonl"
	directoryMax   = 64 // bytes of directoryID: one word

	// CutJournal is the file in which a cut keeps how far it is, beside the sets that it writes, and CutJournalHead how it begins.
	CutJournal     = "cut.journal"
	CutJournalHead = "rondo-cut "
	ownerMax       = 4096 // bytes of directoryOwner
)

// ownFile says whether Rondo wrote the file at path: the reason to leave it out, or "".
func ownFile(path string, info fs.FileInfo) Reason {
	switch {
	case info.Name() == directoryID && info.Size() <= directoryMax:
		return RunFiles
	case info.Name() == directoryOwner && info.Size() <= ownerMax, info.Name() == runJournal:
		if beside, err := os.Stat(filepath.Join(filepath.Dir(path), directoryID)); err == nil && ownFile(path, beside) != "" {
			return RunFiles
		}
	case info.Name() == CutJournal && beginsWith(path, CutJournalHead):
		return Output
	}
	return ""
}

// ownDirectory says whether Rondo wrote a directory, given what is in it: the reason to leave it out, or "".
func ownDirectory(dir string, entries []fs.DirEntry) Reason {
	has := func(is func(name string) bool) bool {
		for _, e := range entries {
			if is(e.Name()) {
				return true
			}
		}
		return false
	}
	named := func(want string) func(string) bool { return func(name string) bool { return name == want } }
	switch {
	case has(named("set.json")) && describesShards(filepath.Join(dir, "set.json")):
		return ShardSet
	case checkpointName.MatchString(filepath.Base(dir)) && (has(named("manifest.json")) || has(isWeights)):
		return RunFiles
	case filepath.Base(dir) == "record" && (has(named("record.json")) || has(named("lock"))): // of this release, of earlier ones
		return RunFiles
	}
	return ""
}

func isWeights(name string) bool {
	return strings.HasSuffix(strings.TrimSuffix(name, ".tmp"), ".safetensors")
}

// describesShards says whether a set.json is that of a shard set: a user's data may have a file of this name too.
func describesShards(path string) bool {
	return strings.Contains(headOf(path), `"format": "rondo-shards"`)
}

// beginsWith says whether a regular file begins so.
func beginsWith(path, head string) bool { return strings.HasPrefix(headOf(path), head) }

// headOf is the first bytes of a regular file, or nothing if it cannot be read.
func headOf(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil {
		return ""
	}
	return string(head)
}
