#!/usr/bin/env bash
# llama-cpp-python 0.3.36: CMAKE_ARGS="-DLLAMA_BUILD_COMMON=OFF" does nothing, and nothing says so.
# Its CMakeLists.txt sets that cache variable to ON with FORCE. So llama.cpp's library "common" is
# compiled (without LLaVA and tools, more than half of the time), and goes to site-packages/lib,
# from where the package loads nothing. A normal variable takes precedence, and since policy CMP0126
# it outlives the setting of the cache variable; CMAKE_PROJECT_llama_cpp_INCLUDE names a file that
# sets it. CMAKE_ARGS is passed on to cmake, which is called here directly, and only configures.
#
# Seen with CMake 4.4.5 on Linux: 52 of 127 object files are of "common" whatever the option says,
# and 0 of 74 with the normal variable. It needs a C++ compiler and fetches 110 MB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" "$@" -qq --disable-pip-version-check; }
pip install cmake==4.4.5 ninja==1.13.2
pip download --no-deps --no-binary llama-cpp-python -d "$folder" llama-cpp-python==0.3.36
tar -xzf "$folder"/llama_cpp_python-*.tar.gz -C "$folder"
echo 'set(LLAMA_BUILD_COMMON OFF)' > "$folder/common-off.cmake"

objects() {  # NAME OPTION...: the object files of "common", of all that would be compiled
  PATH="$folder/venv/bin:$PATH" cmake -G Ninja -S "$folder"/llama_cpp_python-*/ -B "$folder/$1" \
    -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF -DSKBUILD_PLATLIB_DIR="$folder/platlib" "${@:2}" \
    > "$folder/$1.log" 2>&1 || { tail -n 20 "$folder/$1.log" >&2; return 1; }
  awk '/^build [^ ]*\.o: / { all++; if ($2 ~ /\/common\//) common++ }
       END { print common + 0, "of", all + 0 }' "$folder/$1/build.ninja"
}

on=$(objects on -DLLAMA_BUILD_COMMON=ON)
off=$(objects off -DLLAMA_BUILD_COMMON=OFF)
file=$(objects file -DCMAKE_PROJECT_llama_cpp_INCLUDE="$folder/common-off.cmake")
echo "object files of common: $on when ON, $off when OFF, $file with a normal variable"
if [[ $on != "$off" || $off == "0 of"* || $file != "0 of"* ]] ||
   grep -q "LLAMA_BUILD_COMMON" "$folder/off.log"; then
  echo "changed: what -DLLAMA_BUILD_COMMON=OFF does"; exit 1
fi
echo "as described"
