# kc run takes literals, .npy files, raw files and generators; prints and saves results.
cp "$ROOT/examples/saxpy.k" "$ROOT/examples/stats.k" .
kc run saxpy.k saxpy 2 '[1, 2, 3]' '[10, 20, 30]'
kc run saxpy.k saxpy y=ones:4 a=0.5 x=iota:4
kc run saxpy.k saxpy a=1 x=zeros:3 y=random:3 --seed 7 --save y=y.npy
kc run saxpy.k saxpy a=0 x=zeros:3 y=@y.npy --print y
kc run saxpy.k saxpy a=1 x=random:3 y=zeros:3 --seed 7 --print y --print x
printf '\000\000\200\077\000\000\000\100' > two.raw
kc run saxpy.k saxpy a=1 x=@two.raw y=@two.raw:2
kc run stats.k normalise x='[1, 3]'
kc run --engine=interp stats.k column_sums 'a=[[1, 2], [3, 4]]' sums=zeros:2
kc run stats.k column_sums a=iota:2x3 sums=zeros:3 --print sums
kc run saxpy.k saxpy -2.5 '[1, 2, 3]' '[-10, 20, 30]' --print y
kc run saxpy.k saxpy -.5 '[1]' '[2]' --print y
kc run saxpy.k saxpy -1 '[1]' '[2]' --print y
