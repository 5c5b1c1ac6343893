module example.com/custom

go 1.26

require github.com/rondo-ml/rondo v0.0.0

replace github.com/rondo-ml/rondo => ../..
