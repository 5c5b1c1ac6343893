package s3

import (
	"strings"
	"testing"
)

// TestBucketName refuses names that no bucket has, without asking any store.
func TestBucketName(t *testing.T) {
	for _, bad := range []string{"b", "a..b", "192.168.5.4"} {
		if _, err := open(bad); err == nil || !strings.Contains(err.Error(), "s3://"+bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
