//go:build !unix || solaris || aix

package cutting

import "os"

func lockFile(*os.File) error { return nil }
