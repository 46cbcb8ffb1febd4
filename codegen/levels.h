/* Inside codegen: what the levels of x86-64 ask of a processor, for targets.def and cpus.def. */
#ifndef KC_CODEGEN_LEVELS_H
#define KC_CODEGEN_LEVELS_H

#define NEEDS_V2 "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+sahf"
#define NEEDS_V3 NEEDS_V2 ",+xsave,+avx,+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+movbe"
#define NEEDS_V4 NEEDS_V3 ",+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl"

#endif
