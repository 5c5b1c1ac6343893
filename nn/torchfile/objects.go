package torchfile

import "fmt"

// global reads the name of a function or class. Nothing is looked up.
func (m *machine) global() error {
	module, err := m.in.line()
	if err != nil {
		return err
	}
	name, err := m.in.line()
	if err != nil {
		return err
	}
	return m.push(global{module, name})
}

func (m *machine) globalOfStack() error {
	name, err := m.pop()
	if err != nil {
		return err
	}
	module, err := m.pop()
	if err != nil {
		return err
	}
	n, ok := name.(string)
	o, okay := module.(string)
	if !ok || !okay {
		return fmt.Errorf("%s and %s are no name of a class", describe(module), describe(name))
	}
	return m.push(global{o, n})
}

// reduce replaces a function and a tuple of arguments by what the call would give.
func (m *machine) reduce() error {
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	list, ok := args.(tuple)
	if !ok {
		return fmt.Errorf("the arguments are %s", describe(args))
	}
	v, err := call(callee, list)
	if err != nil {
		return err
	}
	return m.push(v)
}

// reduceNamed is reduce with a dict of named arguments on top, which is passed over.
func (m *machine) reduceNamed() error {
	if _, err := m.pop(); err != nil {
		return err
	}
	return m.reduce()
}

// instance is reduce of protocol 0: the class by name, the arguments since the mark.
func (m *machine) instance() error {
	module, err := m.in.line()
	if err != nil {
		return err
	}
	name, err := m.in.line()
	if err != nil {
		return err
	}
	return m.gather(func(args []any) (any, error) { return call(global{module, name}, args) })
}

// callFirst is the call of the first value with the others.
func callFirst(items []any) (any, error) {
	if len(items) == 0 {
		return nil, errShort
	}
	return call(items[0], items[1:])
}

// persistent replaces a persistent id by what it stands for.
func (m *machine) persistent() error {
	id, err := m.pop()
	if err != nil {
		return err
	}
	v, err := m.loaded(id)
	if err != nil {
		return err
	}
	return m.push(v)
}

// newDictOf is a dict of the dict that Counter is given, or of the pairs that old versions of
// Python give to OrderedDict.
func newDictOf(args tuple) *dict {
	d := &dict{}
	if len(args) == 0 {
		return d
	}
	if of, ok := args[len(args)-1].(*dict); ok {
		for _, name := range of.keys {
			d.set(name, of.values[name])
		}
		d.others = of.others
		return d
	}
	pairs, _ := args[len(args)-1].(*list)
	if pairs == nil {
		return d
	}
	for _, p := range pairs.items {
		switch p := p.(type) {
		case tuple:
			if len(p) == 2 {
				d.set(p[0], p[1])
			}
		case *list:
			if len(p.items) == 2 {
				d.set(p.items[0], p.items[1])
			}
		}
	}
	return d
}
