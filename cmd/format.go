package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// bytesText writes a size for people: "12.3 MB".
func bytesText(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	x, i := float64(n), 0
	for x >= 1000 && i < len(units)-1 {
		x /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}

// rateText writes bytes or images per second: "34.1k".
func rateText(x float64) string {
	switch {
	case x >= 1e6:
		return fmt.Sprintf("%.2fM", x/1e6)
	case x >= 1e3:
		return fmt.Sprintf("%.1fk", x/1e3)
	}
	return fmt.Sprintf("%.0f", x)
}

// durationText writes a time left or taken: "2m10s", or "52.0 d" where seconds say nothing.
func durationText(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	if days := d.Hours() / 24; days >= 1 {
		return fmt.Sprintf("%.1f d", days)
	}
	return d.Round(time.Second).String()
}

// countText is "1 argument", "2 arguments".
func countText[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// bitsText writes bits per byte or image with so many decimals. A run that has gone
// astray has figures that only an exponent can hold.
func bitsText(x float64, decimals int) string {
	if x > 1e6 {
		return fmt.Sprintf("%.*e", decimals, x)
	}
	return fmt.Sprintf("%.*f", decimals, x)
}

// shellText writes words as a shell takes them.
func shellText(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if w == "" || strings.Trim(w, plainLetters) != "" {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// plainLetters mean themselves to every shell.
const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%"

// printJSON writes a value as JSON for programs and for people.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
