package cmd

import (
	"fmt"
	"log/slog"
	"os"
)

// othersMay are the permissions that nobody but its owner should have to a file with a secret. A group may read it:
// that is how a service that is not the owner often gets its key.
const othersMay = 0o026

// warnOfReaders warns when others may read or change the file with a secret that a flag names.
func warnOfReaders(log *slog.Logger, flag, path string) {
	stat, err := os.Stat(path)
	if err != nil || stat.Mode().Perm()&othersMay == 0 {
		return // reading it says what is wrong
	}
	log.Warn(fmt.Sprintf("--%s: others may read or change %s (mode %04o); mend it with: %s", flag, path, stat.Mode().Perm(),
		shellText("chmod", "600", path)))
}
