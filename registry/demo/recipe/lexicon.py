"""The long lists of real words: everyday English nouns, verbs that may take an object, adjectives, first names and cities of many
countries, by theme. `words.py` hands them on. The words of the evaluation sets in `tests/models` have been taken out, except
those that `words.py` had before, so that a right answer there is not a word known by heart.
"""

NOUNS = (
    # in the lists from the start
    "apple river stone house cat dog bird tree table chair window door garden bridge boat train ship lamp clock book paper pencil "
    "bottle cup plate spoon knife coat shoe hat mountain forest lake road wheel hammer rope candle mirror basket flower horse cow "
    "sheep fish rabbit fox wolf tiger lion bread cheese butter honey soup cake orange pear grape kettle engine motor sensor valve pump "
    "filter server disk cable printer camera robot drone ticket parcel invoice order report album poem story picture letter message "
    # pets and farm animals
    "kitten puppy pony foal calf lamb goat donkey duck goose chicken hen rooster hamster poodle terrier retriever goldfish mare chick "
    "llama alpaca "
    # wild animals
    "leopard cheetah panther lynx jaguar hyena jackal coyote bear panda koala kangaroo wallaby badger otter weasel ferret squirrel "
    "chipmunk hedgehog mole lemming marmot porcupine beaver hare deer elk moose reindeer antelope bison buffalo camel zebra giraffe "
    "rhino hippo elephant mammoth raccoon skunk sloth armadillo anteater bat boar seal dolphin porpoise whale "
    # birds
    "eagle hawk buzzard vulture owl crow raven magpie sparrow wren robin finch canary swallow swift thrush blackbird nightingale lark "
    "cuckoo woodpecker pigeon dove pheasant partridge peacock swan heron stork crane pelican flamingo gull albatross puffin penguin "
    "ostrich kiwi toucan cockatoo kingfisher hummingbird "
    # reptiles, insects and sea animals
    "snake python lizard gecko chameleon crocodile alligator turtle tortoise frog toad salamander salmon trout tuna cod herring "
    "sardine mackerel pike eel shark octopus jellyfish starfish crab shrimp prawn oyster mussel clam scallop snail slug worm ant bee "
    "wasp hornet bumblebee fly mosquito moth butterfly dragonfly ladybird beetle cricket grasshopper spider scorpion caterpillar "
    "firefly "
    # plants
    "oak maple birch beech elm willow poplar pine fir spruce cedar cypress palm chestnut hazel holly ivy fern reed bamboo rose tulip "
    "daisy lily orchid violet daffodil crocus iris poppy marigold sunflower dandelion clover thistle lavender jasmine lilac magnolia "
    "peony petunia geranium snowdrop buttercup lotus dahlia shrub hedge bush vine weed grass leaf stem root branch twig trunk bark "
    "petal thorn seed acorn pollen blossom bud meadow orchard "
    # fruit and nuts
    "peach plum apricot cherry strawberry raspberry blackberry blueberry cranberry currant raisin banana pineapple mango papaya "
    "coconut melon watermelon lemon lime grapefruit tangerine mandarin pomegranate fig date olive rhubarb avocado almond peanut cashew "
    "hazelnut "
    # vegetables and herbs
    "potato tomato carrot onion garlic leek cabbage lettuce spinach broccoli cauliflower celery cucumber pumpkin eggplant chilli "
    "radish beetroot asparagus mushroom pea bean lentil corn parsley basil thyme rosemary oregano sage mint dill fennel ginger "
    "turmeric cinnamon nutmeg clove vanilla paprika mustard "
    # food and drink
    "rice pasta noodle spaghetti lasagne pizza burger sandwich baguette croissant muffin waffle pancake omelette egg yolk salad stew "
    "curry casserole gravy sauce ketchup mayonnaise vinegar salt sugar flour yeast dough batter cereal porridge granola cream milk "
    "custard pudding jelly jam marmalade syrup chocolate candy caramel toffee biscuit cookie pie tart pastry doughnut dessert popcorn "
    "crisp sausage bacon ham steak meatball dumpling sushi tofu pickle coffee tea cocoa juice lemonade smoothie milkshake breakfast "
    "lunch dinner supper snack meal picnic feast menu "
    # kitchen
    "fork bowl dish saucer mug glass pitcher saucepan pan pot wok lid ladle whisk spatula grater peeler sieve strainer blender mixer "
    "stove hob microwave fridge freezer dishwasher sink cupboard pantry drawer counter tray napkin tablecloth apron tin jar thermos "
    "chopstick straw teaspoon grill barbecue platter "
    # house, rooms and parts of buildings
    "home flat apartment cottage cabin hut villa mansion palace castle tower barn shed garage stable basement attic loft kitchen "
    "bathroom bedroom hallway corridor lobby lounge study nursery studio balcony terrace patio porch roof chimney gutter wall floor "
    "ceiling stair staircase lift escalator fence brick tile plank beam arch column doorbell doormat keyhole hinge windowsill "
    "fireplace radiator driveway courtyard greenhouse fountain "
    # furniture and household things
    "couch armchair stool bench desk bookcase shelf wardrobe dresser cabinet chest bed mattress quilt cushion blind carpet rug vase "
    "frame painting poster photo hanger torch chandelier lightbulb heater fan vacuum broom mop sponge bin towel soap shampoo "
    "toothbrush toothpaste comb hairbrush bathtub shower iron laundry crib bag sack purse keyring ornament alarm "
    # clothing and jewellery
    "shirt blouse jumper sweater cardigan hoodie jacket waistcoat suit tie scarf glove sock stocking boot slipper sneaker trainer "
    "skirt dress gown robe kimono cloak cap belt buckle button zip collar sleeve pocket lace uniform costume pyjama raincoat overcoat "
    "necklace bracelet earring pendant crown watch handbag backpack suitcase briefcase cotton wool silk leather denim fabric thread "
    "yarn "
    # tools and workshop
    "mallet saw plane drill screwdriver wrench spanner clamp axe rake trowel wheelbarrow scaffold pulley lever nail screw bolt nut "
    "washer hook chain wire spring gear bearing piston hose pipe tube tape glue putty paint brush roller sandpaper toolbox workbench "
    "ruler protractor needle pin plough tractor harvester sprinkler "
    # machines, devices and computing
    "computer laptop tablet phone telephone keyboard monitor screen mouse speaker headphone microphone scanner projector router modem "
    "antenna satellite radio television remote battery charger plug socket switch fuse generator turbine boiler thermostat thermometer "
    "barometer calculator typewriter recorder player console chip circuit laser lens telescope microscope browser website network "
    "database password icon cursor login software "
    # office, post and paper
    "pen eraser crayon marker chalk blackboard whiteboard notebook notepad diary calendar planner envelope stamp postcard package "
    "receipt bill cheque contract form certificate diploma passport visa licence badge stapler staple paperclip binder sticker memo "
    "agenda schedule meeting conference interview document draft brochure leaflet catalogue manual handbook dictionary encyclopedia "
    "atlas map chart graph diagram spreadsheet budget payment coin banknote voucher coupon discount refund deposit "
    # vehicles and traffic
    "car bus coach van truck lorry trailer caravan bicycle tricycle scooter motorbike tram subway locomotive carriage cart sleigh "
    "ferry yacht raft tanker submarine lifeboat sailboat airplane helicopter glider rocket shuttle ambulance bulldozer excavator "
    "forklift limousine tyre brake pedal bumper windscreen handlebar wing street avenue lane alley highway motorway roundabout "
    "crossroads junction pavement tunnel railway platform station airport runway "
    # nature, land and water
    "hill canyon cliff cave ridge peak summit slope crater glacier iceberg desert oasis dune beach shore coast bay island ocean sea "
    "wave tide stream brook waterfall rapids pond pool puddle swamp reef dam field pasture jungle wood grove trail track boulder "
    "gravel sand clay mud soil dust earth horizon geyser "
    # weather and sky
    "sun moon star planet comet meteor asteroid galaxy sky cloud drizzle storm thunder lightning snow snowflake blizzard frost ice "
    "mist breeze hurricane tornado rainbow sunrise sunset dawn dusk shadow sunshine climate season winter summer autumn eclipse "
    "avalanche flood drought "
    # metals and materials
    "gold silver bronze brass steel nickel aluminium coal oil gas wax rubber plastic cement concrete plaster slate quartz crystal "
    "diamond ruby emerald sapphire amber pearl coral smoke flame fire spark "
    # body and health
    "head face hair eye ear nose cheek mouth lip tooth tongue neck throat shoulder arm elbow wrist hand thumb finger knee ankle foot "
    "heel bandage pill vaccine wheelchair stethoscope medicine headache allergy "
    # sport and games
    "ball racket net goal football basketball volleyball baseball softball tennis golf archery sailing surfing diving swimming cycling "
    "running hiking climbing marathon sprint relay trampoline surfboard skateboard snowboard ski skate paddle stopwatch medal trophy "
    "stadium arena gym league tournament match referee team chess checkers dice puzzle joker kite yoyo doll puppet toy teddy swing "
    "slide carousel "
    # music and arts
    "song melody tune rhythm chord harmony note lullaby symphony waltz tango dance concert orchestra band choir piano viola harp "
    "guitar banjo ukulele flute clarinet saxophone trombone tuba horn accordion harmonica organ drum tambourine triangle xylophone "
    "metronome novel tale fable article chapter page paragraph cartoon film movie theatre cinema museum gallery exhibition sculpture "
    "statue portrait sketch drawing canvas pottery stage actor script scene magazine newspaper headline "
    # science and school
    "school classroom lesson lecture exam teacher pupil history physics chemistry biology algebra geometry arithmetic spelling "
    "fraction equation formula circle square rectangle oval cube sphere cone cylinder pyramid curve molecule gravity magnetism "
    "electricity energy oxygen carbon laboratory experiment theory test dinosaur skeleton cell orbit "
    # professions and people
    "doctor nurse dentist surgeon vet pharmacist farmer gardener florist butcher baker grocer chef cook waiter barista plumber "
    "electrician carpenter mason builder architect engineer mechanic technician welder blacksmith locksmith tailor jeweller barber "
    "hairdresser cleaner porter driver pilot sailor captain conductor postman librarian professor tutor scientist chemist astronomer "
    "historian lawyer secretary manager director banker cashier shopkeeper firefighter detective guard lifeguard journalist editor "
    "author writer poet painter sculptor singer dancer musician composer drummer pianist violinist comedian magician athlete "
    "goalkeeper jockey astronaut explorer inventor fisherman beekeeper shepherd neighbour visitor tourist traveller passenger customer "
    "volunteer partner cousin uncle aunt brother sister parent grandmother grandfather "
    # town and places
    "village suburb market store supermarket bakery pharmacy bookshop kiosk mall restaurant cafe bistro canteen hotel hospital clinic "
    "library bank office factory warehouse workshop mill farm ranch vineyard zoo aquarium playground campsite tent church cathedral "
    "lighthouse windmill dock "
    # everyday abstractions
    "dream memory joy patience kindness honesty trust truth secret promise habit hobby holiday journey voyage trip adventure wedding "
    "party festival ceremony parade celebration gift surprise reward problem solution plan project task chore job career skill talent "
    "advice opinion decision chance luck safety peace freedom law rule friendship future past moment minute hour month year decade "
    "century noon night weekend beginning middle corner edge top bottom front surface sound noise silence smell taste weight height "
    "width depth length distance speed price cost limit margin total pattern system method signal sign"
).split()

VERBS = (
    # in the lists from the start
    "open close start stop check clean move find send read write count sort paint polish fold wash pack measure weigh lock unlock show "
    "hide build repair scan copy delete create update list fetch cancel book order print save test reset rename merge split rotate "
    "heat cool fill empty lift drop push pull wrap mix shake tune charge "
    # hands and objects
    "carry hold catch throw toss press roll slide drag lower flip stretch straighten tighten loosen tie fasten buckle button hook hang "
    "attach detach fix stick glue tape pin drill grate grind clip sew knit stitch mend patch weave embroider iron rinse scrub wipe "
    "dust sweep mop vacuum dry dip pour spill splash sprinkle spray "
    # kitchen and garden
    "cook bake grill steam stir whisk knead sweeten sip drink eat plant sow weed prune rake dig harvest gather pick grow pickle freeze "
    "thaw chill melt "
    # house, building and repair
    "install assemble dismantle mount align calibrate replace restore renovate decorate furnish tile plaster lubricate inspect examine "
    "maintain sharpen seal insulate plug unplug switch connect disconnect power ignite brighten light "
    # travel and movement
    "ride steer board exit accompany visit explore tour deliver ship post mail transport import export return collect "
    # speech and thought
    "discuss mention announce declare whisper sing recite translate interpret pronounce define summarise clarify confirm learn study "
    "teach remember recognise guess estimate predict calculate compare consider choose select decide prefer suggest recommend propose "
    "demand greet praise congratulate advise encourage persuade promise accept approve allow permit "
    # senses and feelings
    "watch notice observe enjoy "
    # work and business
    "buy sell pay lend borrow earn spend donate trade exchange bill invoice budget manage organise arrange plan schedule postpone "
    "delay prepare complete continue resume interrupt submit review revise proofread draft sign archive mark assign delegate train "
    "inform notify report publish advertise promote sponsor launch produce manufacture design invent improve develop audit register "
    "enrol "
    # computing
    "upload download click scroll zoom record replay encrypt decrypt compress extract format debug compile execute deploy configure "
    "enable disable refresh reload reboot search filter browse bookmark tag forward block unblock link paste insert remove append crop "
    "resize highlight underline parse validate "
    # everyday
    "win sketch photograph film bounce score rescue protect guard join email contact brush braid celebrate surprise solve practise "
    "rehearse perform conduct compose discover recover recycle reuse reduce increase divide extend widen narrow strengthen flatten tidy"
).split()

ADJECTIVES = (
    # in the lists from the start
    "red green blue small large big old new fast slow warm cold quiet loud bright dark soft hard happy sad long short heavy light "
    "clean dirty empty full round flat sweet fresh "
    # colours and looks
    "yellow orange purple pink brown grey golden silver scarlet crimson turquoise violet beige ivory maroon navy teal pale vivid "
    "colourful plain striped spotted checked shiny dull glossy matte faded sparkling glowing gleaming pretty beautiful handsome "
    "elegant neat tidy messy fancy stylish graceful "
    # size and shape
    "huge giant enormous vast massive gigantic miniature tall high low wide narrow broad thick thin slim slender deep shallow square "
    "oval curved straight crooked bent sharp blunt steep hollow solid triangular rectangular circular "
    # touch and material
    "smooth rough bumpy silky fluffy furry fuzzy woolly slippery sticky greasy oily wet dry damp moist soggy frozen icy hot cool "
    "chilly freezing mild lukewarm tender tough stiff rigid flexible elastic brittle fragile sturdy firm loose tight crisp crunchy "
    "sandy dusty muddy wooden metallic rusty glassy "
    # taste, smell and sound
    "sour bitter salty spicy savoury tasty delicious ripe raw juicy creamy buttery nutty fruity tangy smoky fragrant scented silent "
    "noisy shrill musical melodic muffled hushed deafening echoing "
    # character and mood
    "gentle honest loyal brave bold shy timid calm patient cheerful jolly joyful proud humble modest generous thoughtful caring "
    "careful careless clever wise smart curious eager keen lively playful witty serious stern sleepy hungry thirsty angry cross grumpy "
    "gloomy lonely nervous anxious worried surprised amazed excited grateful hopeful confident cautious sensible reliable faithful "
    "noble "
    # state and quality
    "bad excellent perfect superb splendid marvellous cheap expensive costly valuable precious rare common usual unusual ordinary "
    "special unique strange odd familiar famous popular modern ancient antique classic young early late recent former final previous "
    "annual daily weekly monthly hourly rapid swift sudden gradual steady constant brief instant urgent important major minor main "
    "central vital essential necessary useful handy practical convenient simple easy difficult tricky complex complicated safe "
    "dangerous risky harmless secure private secret hidden visible obvious vague exact precise accurate correct real genuine "
    "artificial natural rural urban national global domestic coastal tropical arctic "
    # condition
    "broken cracked torn worn damaged intact spare available crowded open locked sealed complete whole half double triple equal "
    "similar opposite parallel vertical horizontal diagonal lower inner outer left rear front distant remote near nearby electric "
    "digital manual automatic mechanical wireless portable mobile strong powerful mighty healthy awake unlucky misty frosty humid cosy "
    "comfortable spacious cramped airy shady leafy grassy rocky hilly mountainous"
).split()

NAMES = (
    # in the lists from the start
    "Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Maria Nina Oscar Paula Quinn Rosa Sam Tom Uma Victor Will Zoe Alice "
    "Bob Carol Dan Eva Frank Gina Hugo Ivan Julia Karl Lisa Mark Nora Otto Peter Sara Tina Paul John Mary James Linda Robert Susan "
    "Michael Laura Tim Amy Lucy Max Ella Noah Mia Liam "
    # English-speaking countries
    "Andrew Arthur Charles Christopher Dennis Douglas Edward Ethan George Gordon Harry Jason Jeffrey Joseph Justin Keith Kevin "
    "Lawrence Logan Martin Matthew Nathan Oliver Patrick Philip Raymond Roger Ronald Scott Stephen Steven Theodore Timothy Vincent "
    "Wayne Zachary Abigail Amanda Ashley Audrey Beth Caroline Catherine Chloe Cynthia Daisy Diana Dorothy Eleanor Emily Frances Hannah "
    "Hazel Helen Holly Ivy Janet Jennifer Joan Joyce Judith Kimberly Lily Margaret Martha Melissa Molly Natalie Pamela Patricia Phoebe "
    "Rebecca Ruth Sandra Sophie Stella Teresa Victoria Violet Wendy "
    # Celtic
    "Aidan Angus Callum Catriona Conor Dylan Eilidh Fergus Gareth Gwen Ian Lachlan Maeve Morag Oisin Rhys Sean Sinead "
    # French, Italian, Spanish and Portuguese
    "Adele Amelie Aurelie Camille Chantal Colette Didier Emile Francois Gaston Gilles Jacques Jerome Lucien Margot Mathieu Odile "
    "Pierre Remy Thierry Alessandro Beatrice Carlo Dario Elena Fabio Francesca Giacomo Giovanni Luca Lucia Matteo Pietro Riccardo "
    "Silvia Valentina Alejandro Carmen Dolores Eduardo Fernando Gonzalo Ignacio Isabel Joaquin Jorge Lola Manuel Marisol Pablo Rafael "
    "Ramon Rodrigo Sofia Ximena Beatriz Gustavo Joao Thiago "
    # German, Dutch and Nordic
    "Anke Birgit Dirk Elke Friedrich Gisela Gunther Heidi Helga Johann Katja Kurt Lena Ludwig Manfred Monika Sabine Thorsten Uwe "
    "Wolfgang Bram Femke Joost Maarten Pieter Agnes Astrid Bjorn Einar Gustav Halvor Inge Kirsten Knut Leif Mikkel Nils Ragnar Sigrid "
    "Solveig Aino Juhani Mika Pekka Tuomas "
    # Slavic, Baltic, Hungarian, Romanian and Greek
    "Agnieszka Alexei Andrei Boris Danuta Dusan Ewa Galina Igor Irina Jan Jaroslav Katarina Ksenia Ludmila Magda Marta Milos Mirjana "
    "Oleg Radek Sergei Svetlana Tomasz Vaclav Vladislav Yuri Zdenka Andris Rasa Zsofia Ferenc Laszlo Zoltan Ileana Radu Alexandros "
    "Dimitra Giorgos Kostas Stavros "
    # Middle East, Turkey, Persia and Central Asia
    "Aisha Amina Bilal Dalia Habib Hana Hassan Jamal Khalid Laila Leila Mariam Mustafa Nadir Rania Salma Tariq Zainab Zahra Aylin "
    "Deniz Elif Kemal Murat Orhan Arash Dariush Farah Nasrin Reza Shirin Aigul Timur Avi Miriam Noa Shira Yael Armen Narek Tamaz "
    # South and South-East Asia
    "Aarav Ajay Amit Ananya Anita Asha Deepak Gita Indira Ishaan Kiran Manish Meera Naveen Nikhil Pooja Raj Ravi Rohan Sunita Vijay "
    "Vikram Budi Indah Putu Anh Linh Minh Thanh Malee Niran Suda Nilar Sokha "
    # East Asia
    "Akira Daichi Haruka Haruto Kaito Kenji Makoto Midori Rin Ryo Satoshi Takeshi Yoko Yumi Fang Hui Jing Ling Ming Qiang Xiu Yan Zhen "
    "Hyun Jiho Minji Seojun Sooyoung "
    # Africa and the Pacific
    "Abebe Adaeze Adjoa Akua Amara Babajide Chidi Desta Efua Emeka Femi Jabari Juma Kofi Mandla Moussa Nia Nomsa Obinna Sekou Tendai "
    "Thabo Wanjiru Zola Zuri Kahu Mana Moana Sione"
).split()

CITIES = (
    # in the lists from the start
    "Paris, Berlin, Madrid, Rome, Lisbon, Vienna, Athens, Oslo, Dublin, London, Tokyo, Cairo, Lima, Boston, Chicago, Denver, Seattle, "
    "Austin, Dallas, Miami, Toronto, Sydney, Munich, Hamburg, Milan, Naples, Lyon, Geneva, Zurich, Prague, Krakow, Leeds, York, "
    "Bristol, Delhi, Mumbai, Seoul, Osaka, Kyoto, Bangkok, Nairobi, Lagos, Quito, Havana, Porto, Seville, Valencia, Turin, Venice, "
    # British Isles
    "Aberdeen, Belfast, Birmingham, Blackpool, Bournemouth, Brighton, Cambridge, Canterbury, Cardiff, Chester, Coventry, Derby, Dover, "
    "Durham, Edinburgh, Exeter, Glasgow, Inverness, Ipswich, Leicester, Lincoln, Manchester, Newcastle, Norwich, Nottingham, Plymouth, "
    "Portsmouth, Salisbury, Sheffield, Stirling, Winchester, Worcester, "
    # France, Benelux and Switzerland
    "Amiens, Avignon, Bordeaux, Brest, Caen, Cannes, Dijon, Lille, Limoges, Metz, Montpellier, Nancy, Reims, Rouen, Strasbourg, "
    "Toulon, Tours, Antwerp, Bruges, Brussels, Delft, Groningen, Haarlem, Leiden, Liege, Maastricht, Namur, Rotterdam, The Hague, "
    "Lucerne, Lugano, "
    # Germany and Austria
    "Aachen, Bonn, Bremen, Chemnitz, Cologne, Dresden, Erfurt, Essen, Frankfurt, Hanover, Heidelberg, Karlsruhe, Kassel, Mainz, "
    "Mannheim, Nuremberg, Potsdam, Rostock, Stuttgart, Ulm, Weimar, "
    # Spain, Portugal and Italy
    "Alicante, Burgos, Cadiz, Cordoba, Girona, Malaga, Murcia, Oviedo, Palma, Salamanca, San Sebastian, Segovia, Toledo, Braga, Evora, "
    "Faro, Bari, Bologna, Brescia, Cagliari, Catania, Florence, Genoa, Lecce, Modena, Parma, Perugia, Pisa, Ravenna, Siena, Trento, "
    "Verona, "
    # Nordic and Baltic
    "Copenhagen, Gothenburg, Helsinki, Lund, Narvik, Reykjavik, Riga, Stockholm, Tallinn, Trondheim, Uppsala, Vilnius, "
    # Central and eastern Europe
    "Belgrade, Bucharest, Budapest, Constanta, Debrecen, Dubrovnik, Katowice, Kazan, Kharkiv, Kyiv, Ljubljana, Lodz, Lviv, Minsk, "
    "Moscow, Novi Sad, Odesa, Omsk, Pecs, Pilsen, Poznan, Sarajevo, Skopje, Sofia, Split, Tirana, Tomsk, Warsaw, Wroclaw, "
    # Greece, Turkey and the Caucasus
    "Corinth, Patras, Thessaloniki, Nicosia, Adana, Antalya, Bursa, Istanbul, Izmir, Trabzon, Baku, Tbilisi, Yerevan, "
    # Africa
    "Abidjan, Accra, Addis Ababa, Agadir, Alexandria, Antananarivo, Asmara, Aswan, Bamako, Conakry, Dodoma, Douala, Durban, Fez, "
    "Freetown, Gaborone, Giza, Ibadan, Johannesburg, Kampala, Kano, Kinshasa, Luanda, Lusaka, Luxor, Marrakesh, Maseru, Mombasa, "
    "Monrovia, Port Louis, Pretoria, Rabat, Tangier, Windhoek, Zanzibar, "
    # Middle East and central Asia
    "Aleppo, Amman, Aqaba, Ashgabat, Astana, Basra, Beirut, Bishkek, Bukhara, Dubai, Dushanbe, Haifa, Isfahan, Jerusalem, Kuwait City, "
    "Manama, Muscat, Samarkand, Sharjah, Shiraz, Tabriz, Tehran, Tel Aviv, "
    # South Asia
    "Agra, Amritsar, Bangalore, Bhopal, Chandigarh, Chittagong, Colombo, Dhaka, Galle, Indore, Islamabad, Jaipur, Jodhpur, Karachi, "
    "Kathmandu, Kochi, Kolkata, Lucknow, Madurai, Multan, Mysore, New Delhi, Patna, Pokhara, Pune, Thimphu, Udaipur, Varanasi, "
    # East and south-east Asia
    "Bandung, Cebu, Changsha, Chengdu, Chiang Mai, Da Nang, Daegu, Dalian, Davao, Guangzhou, Hangzhou, Hanoi, Harbin, Hue, Jakarta, "
    "Kanazawa, Kaohsiung, Kunming, Luang Prabang, Macau, Malacca, Manila, Medan, Nagasaki, Nanjing, Niigata, Okayama, Phnom Penh, "
    "Qingdao, Sendai, Shanghai, Shenzhen, Singapore, Suzhou, Taichung, Tainan, Taipei, Ulaanbaatar, Vientiane, Wuhan, Xiamen, "
    "Yogyakarta, Yokohama, "
    # Australia and the Pacific
    "Apia, Brisbane, Cairns, Canberra, Christchurch, Geelong, Hamilton, Honolulu, Melbourne, Nelson, Noumea, Port Moresby, Rotorua, "
    "Townsville, Wellington, "
    # North America
    "Albany, Anchorage, Atlanta, Baltimore, Buffalo, Charleston, Charlotte, Cincinnati, Cleveland, Detroit, Edmonton, El Paso, Fargo, "
    "Hartford, Houston, Indianapolis, Jacksonville, Kansas City, Knoxville, Los Angeles, Louisville, Memphis, Milwaukee, Minneapolis, "
    "Montreal, New York, Norfolk, Oakland, Orlando, Philadelphia, Phoenix, Pittsburgh, Portland, Quebec City, Raleigh, Regina, Reno, "
    "Sacramento, Santa Fe, Saskatoon, Savannah, Tampa, Topeka, Vancouver, Victoria, Winnipeg, "
    # Latin America and the Caribbean
    "Acapulco, Asuncion, Belize City, Belo Horizonte, Bogota, Bridgetown, Buenos Aires, Cali, Cancun, Cartagena, Cochabamba, Curitiba, "
    "Fortaleza, Guatemala City, Guayaquil, Kingston, La Paz, Managua, Manaus, Medellin, Mendoza, Mexico City, Monterrey, Montevideo, "
    "Nassau, Panama City, Puebla, Recife, Rio Branco, Salta, Salvador, San Juan, Santiago, Sao Paulo, Sucre, Tijuana, Trujillo, "
    "Veracruz"
).split(", ")
