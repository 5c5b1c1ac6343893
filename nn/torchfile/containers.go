package torchfile

import (
	"errors"
	"fmt"
	"strconv"
)

// gather replaces the values since the mark by what make makes of them.
func (m *machine) gather(make func(items []any) (any, error)) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	v, err := make(items)
	if err != nil {
		return err
	}
	return m.push(v)
}

func (m *machine) newDict() error {
	return m.gather(func(items []any) (any, error) {
		if len(items)%2 != 0 {
			return nil, errors.New("a key without a value")
		}
		d := &dict{}
		for i := 0; i < len(items); i += 2 {
			d.set(items[i], items[i+1])
		}
		return d, nil
	})
}

// addMarked gives the values since the mark to the container before it.
func (m *machine) addMarked(add func([]any) error) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	return add(items)
}

func (m *machine) addOne() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	return m.add([]any{v})
}

func (m *machine) setOne() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	k, err := m.pop()
	if err != nil {
		return err
	}
	return m.setAll([]any{k, v})
}

func (m *machine) memoAt(n int, do func(int64) error) error {
	key, err := m.in.uint(n)
	if err != nil {
		return err
	}
	return do(int64(key))
}

func (m *machine) memoLine(do func(int64) error) error {
	line, err := m.in.line()
	if err != nil {
		return err
	}
	key, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is no place of the memo", quote(line))
	}
	return do(key)
}
