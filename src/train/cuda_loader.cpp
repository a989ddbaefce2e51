#include "cuda_loader.h"

#include <filesystem>

#include <dlfcn.h>

#include "cram/ops/gpu_kernels.h"

namespace cram::train {
namespace {

namespace fs = std::filesystem;

CudaLoad load() {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path file = beside / cuda::kPluginFile;
  if (error || !fs::exists(file)) return {nullptr, "this build has no CUDA plug-in"};
  // Without a driver there is nothing to load hundreds of megabytes for.
  if (!fs::exists("/dev/nvidiactl") && !fs::exists("/dev/dxg")) {
    return {nullptr, "no NVIDIA driver is loaded"};
  }
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) return {nullptr, dlerror()};
  const auto entry = reinterpret_cast<cuda::PluginEntry>(dlsym(library, cuda::kPluginEntry));
  const cuda::Plugin* plugin = entry == nullptr ? nullptr : entry();
  if (plugin == nullptr || plugin->version != cuda::kPluginVersion) {
    return {nullptr, file.string() + " is of another version of cram"};
  }
  if (plugin->device_count() == 0) return {nullptr, "the CUDA driver finds no device"};
  ops::offer_gpu_kernels(plugin->kernels);
  return {plugin, ""};
}

}  // namespace

CudaLoad load_cuda() {
  static const CudaLoad loaded = load();
  return loaded;
}

}  // namespace cram::train
