# What kc run says of calls that cannot be made; each ends with status 1 or 2, none crashes.
cp "$ROOT/examples/saxpy.k" .
try() {
    status=0
    kc run saxpy.k "$@" || status=$?
    echo "status $status"
}
exec 2>&1
try
try saxpi a=1
try saxpy a=1 x=zeros:3
try saxpy a=1 x=zeros:3 y=zeros:4
try saxpy a=1 x=zeros:3 x=zeros:3
try saxpy a=1 b=2
try saxpy a=one x=zeros:3 y=zeros:3
try saxpy a=1 x=zeros:3x3 y=zeros:3
try saxpy a=1 x=@missing.npy y=zeros:3
try saxpy 1 '[1]' '[1]' '[1]'
try saxpy a=1 'x=[1, [2]]' y=zeros:2
try saxpy a=1 x='[1' y=zeros:1
try saxpy a=1 x=zeros:1 y=zeros:1 --print z
try saxpy a=1 x=zeros:1 y=zeros:1 --engine=turbo
