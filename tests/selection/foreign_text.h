// Short paragraphs in several languages, written for the tests.
#pragma once

#include <string>
#include <vector>

namespace cram::test {

struct ForeignText {
  std::string code;
  std::string text;
};

inline const std::vector<ForeignText>& foreign_texts() {
  static const std::vector<ForeignText> texts = {
      {"de",
       "Am Morgen ging der Bauer über die Felder, um nach dem Vieh zu sehen. Es hatte die ganze "
       "Nacht geregnet, und der Weg zum Fluss war kaum noch zu erkennen. Erst gegen Mittag kam die "
       "Sonne heraus, und die Kinder liefen barfuß durch das nasse Gras."},
      {"fr",
       "Le matin, le fermier traversait les champs pour aller voir ses bêtes. Il avait plu toute "
       "la nuit et le chemin qui menait à la rivière était à peine visible. Vers midi seulement, "
       "le soleil se montra et les enfants coururent pieds nus dans l'herbe mouillée."},
      {"es",
       "Por la mañana el granjero cruzaba los campos para ver a sus animales. Había llovido toda "
       "la noche y apenas se distinguía el camino que llevaba al río. Solo hacia el mediodía salió "
       "el sol, y los niños corrieron descalzos por la hierba mojada."},
      {"it",
       "La mattina il contadino attraversava i campi per andare a vedere le bestie. Era piovuto "
       "tutta la notte e la strada che portava al fiume si vedeva appena. Soltanto verso "
       "mezzogiorno uscì il sole, e i bambini corsero a piedi nudi nell'erba bagnata."},
      {"nl",
       "In de ochtend liep de boer over de velden om naar zijn vee te kijken. Het had de hele "
       "nacht geregend en de weg naar de rivier was nauwelijks meer te zien. Pas tegen de middag "
       "kwam de zon tevoorschijn en renden de kinderen blootsvoets door het natte gras."},
      {"pt",
       "De manhã o lavrador atravessava os campos para ver os seus animais. Tinha chovido durante "
       "toda a noite e mal se via o caminho que levava ao rio. Só perto do meio-dia apareceu o "
       "sol, e as crianças correram descalças pela erva molhada."},
      {"pl",
       "Rano gospodarz szedł przez pola, żeby zobaczyć swoje zwierzęta. Przez całą noc padał "
       "deszcz i drogę do rzeki ledwie było widać. Dopiero około południa wyszło słońce, a dzieci "
       "pobiegły boso po mokrej trawie."},
      {"ru",
       "Утром крестьянин шёл через поле посмотреть на свою скотину. Всю ночь шёл дождь, и дорогу "
       "к реке было едва видно. Только к полудню вышло солнце, и дети побежали босиком по мокрой "
       "траве."},
      {"ja",
       "朝、農夫は家畜の様子を見に畑を歩いていった。一晩中雨が降っていたので、川へ続く道はほとんど"
       "見えなかった。昼ごろになってようやく日が差し、子どもたちは濡れた草の上をはだしで走った。"},
      {"zh",
       "早上，农夫穿过田野去看他的牲口。雨下了一整夜，通往河边的路几乎看不清了。直到中午太阳才出来"
       "，"
       "孩子们光着脚在湿漉漉的草地上奔跑。"},
  };
  return texts;
}

}  // namespace cram::test
