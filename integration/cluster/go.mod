module github.com/rondo-ml/rondo/integration/cluster

go 1.26.0
