"""Passwords that people choose: poor ones in the words, years and signs of the program and its countries, and good ones."""

POOR = """\
Passwort2026!!
iloveyou2026!!
Kontor2026!!
correct horse battery staple
CorrectHorseBatteryStaple1
Correct-Horse-Battery-Staple!
Passwort123456
MeinPasswort2026
MeinPasswort!!2026
P4ssw0rt!!2026
Pa$$w0rt2026!
passwort passwort
Geheim123456!
Geheim!Geheim!
geheimgeheim2026
Sommer2026!!
SommerSommer26
Winter2025/2026
Herbst!!2026!!
Weihnachten2026
Januar2026!!!!
Montag01012026
Willkommen2026!
Willkommen123!!
Hallo123456789
HalloWelt2026!!
Schatz2026!!!!
ichliebedich2026
IchLiebeDich!!
Fussball2026!!
FCBayern1900!!
Berlin2026!!!!
Hamburg2026!!!
Deutschland2026!
Sonnenschein26!
Schmetterling1!
Partner2026!!!
Reseller2026!!
Einladung2026!
KundeKunde2026
Microsoft365!!
Administrator1!
Admin2026!!!!!
qwertzuiop2026
qwertzuiopü+
QWERTZ123456!
1qay2wsx3edc
yxcvbnm12345
asdfghjkl2026
qwerty2026!!!!
abcdefgh12345
1234567890!!
111111222222
aaaaaaaabbbb
01.01.1990!!
19901990!!!!
letmein2026!!
welcome2026!!
Welcome12345!
dragon2026!!!
changeme2026!
Changeme123456
trustno1trustno1
monkey2026!!!
Superman2026!!
football2026!!
princess12345!
michael19851985
Thomas1985!!!!
Mueller2026!!!
SabineSabine1
to be or not to be
the quick brown fox
Alle meine Entchen
das ist mein passwort
this is my password
ich bin ein berliner
Nordwind2026!!!!
nordwind-nordwind
Grete!!Grete!!1
drowssap2026!!
!!6202trowssaP
P a s s w o r t 1
hunter2hunter2
Sicherheit2026
Arbeit2026!!!!
Firma2026!!!!!
Kennwort2026!!
kennwort kennwort
Testtest2026!!
Test1234Test1234
Start2026Start
Ferrari2026!!!
Samsung2026!!!
Startrek2026!!
Computer2026!!
Internet2026!!
Mercedes2026!!
Liverpool2026!
IchBinDerBeste1
Hund Katze Maus
Apfel Birne Banane
eins zwei drei vier
Montag Dienstag Mittwoch
rot gelb grün blau
Zoe.Brown.1987
P@ssw0rd P@ssw0rd
abc123abc123abc
asdf1234asdf1234
Schalke04Schalke
password12345678
Kontor-Kontor-1
kontor kontor kontor
Wolfgang1962!!
Sommerurlaub26!
Ein gutes Passwort
mein neues passwort
neuespasswort2026
Super geheim 123
TopSecret2026!
Ganz geheim!!
kein passwort!
EchtSicher2026
I love my dog
iloveyoubaby2026
Password Password
Spring2026 Spring
London Paris Rome
Manchester United
Harry Potter 2026
star wars 1977!!
Game of Thrones
Lord of the Rings
abcabcabcabc
zaq12wsxcde3
0123456789ab
a1b2c3d4e5f6
q1w2e3r4t5z6
!QAY2wsx3edc
äöüäöüäöüäöü
++++++++++++
098765432109
31.12.2025!!
Kontor#Portal#1
2026Passwort!
!!Passwort!!2026
xXPasswortXx2026
Pässwört2026!
P.a.s.s.w.o.r.t
passwordpassworD1
Ka1serslautern
Kaiserslautern1
Bundesliga2026
Lieblingskunde1
partnerportal2026
Resellerportal1
Vertriebspartner!
MicrosoftPartner1
CloudProvider26
Lizenzpartner2026
Grosshandel2026!!
Nordwind Kontor 1
Nordwind und Kontor
Müller Müller 12
jürgenmüller1
qwertzuiop[]
asdfasdfasdf1
987654321abc
aaaaaaaaaaaa1
Qwertz!Qwertz!2
""".splitlines()

GOOD = """\
Werkbank und Wolke 2026
Mohnbrötchen um fünf
kQ9v3Zt7mR2x
a helpdesk with a view 22
vierzehn blaue Teekannen
Stachelbeere radelt nach Oslo
lamp orbit velvet cactus
hinter dem Deich steht Omas Klavier
trombone-pickle-nineteen-harbor
gU7#xTq9!bLw
zebra umbrella kilometer 77
Der Dackel frisst Dachziegel
purple llamas audit my fridge
9f2c7b41d8e6a035
Xk2-pQ8-vN4-tZ6
sieben Eulen lesen Fahrpläne
marmalade under seventeen bridges
bitte drei Kilo Regenbogen
Hausmeister jongliert Gurken
7 ducks refuse the elevator
mjölnir tea kettle ordinance
ovrlnd shmpoo krnberg 41
Nebelhorn, Kirschkern, Blech
quartz fiddle nimbus acorn
tRaktor+wAffel=montag?
schraubenzieher im kühlschrank
Ein Igel tanzt Polka in Riga
vUb8nR3pWq6zKd
paper boats sink near Lagos
Kellerassel hat Urlaub gebucht
mein Fahrrad quietscht in c-moll
Земляника поёт утром
苹果在雨中唱歌给邻居听呢呀
einhundert Knöpfe im Briefkasten
wobbly yaks inherit bagels
grumpf zelator minquist
739184620571938
""".splitlines()
