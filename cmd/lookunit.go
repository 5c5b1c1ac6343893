package cmd

import (
	"fmt"
	"strconv"
	"strings"
)

// unitAt is a place of a layer.
type unitAt struct {
	layer string
	y, x  int
}

// parseUnit reads LAYER:ROW,COLUMN.
func parseUnit(text string) (u unitAt, err error) {
	if text == "" {
		return u, nil
	}
	at := strings.LastIndexByte(text, ':')
	row, column, ok := strings.Cut(text[at+1:], ",")
	if at > 0 && ok {
		u.layer = text[:at]
		if u.y, err = strconv.Atoi(row); err == nil {
			u.x, err = strconv.Atoi(column)
		}
		if err == nil {
			return u, nil
		}
	}
	return u, fmt.Errorf("%q: LAYER:ROW,COLUMN is wanted, as conv2:3,4", text)
}

// parseRange reads FROM:TO, two numbers.
func parseRange(text string) (from, to int, err error) {
	a, b, ok := strings.Cut(text, ":")
	if from, err = strconv.Atoi(a); err == nil && ok {
		if to, err = strconv.Atoi(b); err == nil {
			return from, to, nil
		}
	}
	return 0, 0, fmt.Errorf("%q: FROM:TO is wanted, as 10:25", text)
}

// parseChannels reads numbers, and ranges FROM-TO of them, with commas between; of nothing all below n, at most so many.
func parseChannels(text string, n, most int) (channels []int, err error) {
	if text == "" {
		for k := range min(n, most) {
			channels = append(channels, k)
		}
		return channels, nil
	}
	for _, part := range commaList(text) {
		low, high, is := strings.Cut(part, "-")
		if !is {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil || from < 0 || to < from || to >= n {
			return nil, fmt.Errorf("%q: numbers from 0 to %d are wanted, as 0-7,12", part, n-1)
		}
		for k := from; k <= to; k++ {
			channels = append(channels, k)
		}
	}
	return channels, nil
}

func containsAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
