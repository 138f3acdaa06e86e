#include "worker/serve/served.hpp"

namespace worker::serve {

const char* what_it_does(Purpose purpose) {
  switch (purpose) {
    case Purpose::generation: return "generates text";
    case Purpose::embedding: return "makes embeddings";
    case Purpose::reranking: return "scores pairs of texts";
    case Purpose::counting: return "is loaded without its weights";
  }
  return "";
}

}  // namespace worker::serve
