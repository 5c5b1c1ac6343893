package dirlock

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Owner says for which run a process holds a directory.
type Owner struct {
	Run     string    `json:"run"`     // the run's name
	ID      string    `json:"id"`      // processes of one ID hold the directory together
	Process string    `json:"process"` // the first of them: "worker-0"
	Host    string    `json:"host"`    // that it runs on
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
}

// Self is this process as an owner, from now on.
func Self(run, id, process string) Owner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return Owner{Run: run, ID: id, Process: process, Host: host, PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)}
}

func (o Owner) String() string {
	if o.ID == "" {
		return "another run"
	}
	return fmt.Sprintf("run %q (%s, process %d on host %s, since %s)", o.Run, o.Process, o.PID, o.Host, o.Since.Format(time.RFC3339))
}

// maxNote bounds what is read of an owner file.
const maxNote = 4096

// readOwner returns the zero Owner for a file that no owner has written, or not whole.
func readOwner(f *os.File) Owner {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxNote))
	var o Owner
	if err != nil || json.Unmarshal(text, &o) != nil {
		return Owner{}
	}
	return o
}

func writeOwner(f *os.File, o Owner) error {
	text, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	return err
}
