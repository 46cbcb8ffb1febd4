# kc for CMake:
#
#   find_package(kc REQUIRED)
#   kc_add_kernels(app SOURCES saxpy.k blur.k MARCH avx2 OPTIONS --fp=strict)
#
# compiles each source to an object that becomes part of the target `app`, and puts the generated
# headers on its include path. The imported target kc::runtime is linked as well, so that a failed
# check prints where and why.

get_filename_component(_kc_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

find_program(KC_EXECUTABLE kc HINTS "${_kc_prefix}/bin")
if(NOT KC_EXECUTABLE)
  set(kc_FOUND FALSE)
  set(kc_NOT_FOUND_MESSAGE "the program kc was not found; set KC_EXECUTABLE")
  return()
endif()

if(NOT TARGET kc::runtime)
  add_library(kc::runtime STATIC IMPORTED)
  set_target_properties(kc::runtime PROPERTIES
    IMPORTED_LOCATION "${_kc_prefix}/lib/libkcrt.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_kc_prefix}/include"
    INTERFACE_LINK_OPTIONS "LINKER:-u,kc_panic")
endif()

function(kc_add_kernels target)
  cmake_parse_arguments(ARG "" "FP;TARGET" "SOURCES;MARCH;OPTIONS" ${ARGN})
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "kc_add_kernels(${target}): no SOURCES")
  endif()
  set(flags ${ARG_OPTIONS})
  if(ARG_MARCH)
    list(JOIN ARG_MARCH "," march)
    list(APPEND flags "-march=${march}")
  endif()
  if(ARG_FP)
    list(APPEND flags "--fp=${ARG_FP}")
  endif()
  if(ARG_TARGET)
    list(APPEND flags "--target=${ARG_TARGET}")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/kc/${target}")
  file(MAKE_DIRECTORY "${folder}")
  foreach(source IN LISTS ARG_SOURCES)
    get_filename_component(path "${source}" ABSOLUTE)
    get_filename_component(stem "${source}" NAME_WE)
    set(object "${folder}/${stem}.o")
    add_custom_command(
      OUTPUT "${object}" "${folder}/${stem}.h"
      COMMAND "${KC_EXECUTABLE}" build "${path}" -MD -o "${object}" ${flags}
      DEPENDS "${path}"
      DEPFILE "${folder}/${stem}.d"
      COMMENT "Compiling kernels of ${source}"
      VERBATIM)
    set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    target_sources(${target} PRIVATE "${object}" "${folder}/${stem}.h")
  endforeach()
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE kc::runtime)
endfunction()

set(kc_FOUND TRUE)
set(kc_VERSION "@VERSION@")
