"""Tools of everyday life: home, garden, car, office, servers, shop, library, hotel, restaurant, travel, school, surgery, bank, music,
kitchen, sport, warehouse, weather station, printing and messages. What people say seldom repeats the words of a description, so each has
both, in different words.

Four lines or more for a tool: the tag and the words of its name; descriptions; parameters; requests. Tools with one tag are about one
thing and may meet in one conversation; a tool meets no other that shares a noun with it. A parameter is its names, "?" when it may be left
out, and where its values come from: a maker, a range of numbers (1-60, or 0.5~20 with a point), or a choice. "!" marks an order, which
"Could you" and the like may precede; "?" before the tag marks a tool that answers a question.
"""

from topics.tool_families import MAKERS, number, one_of

TABLE = """
watering: water zone; irrigate zone; start watering; sprinkler on; zone water
Starts watering a zone; Turns on the sprinklers of a zone; Irrigates one zone of the garden
zone|area|section: spot; minutes|duration|mins?: 1-60
!water zone {zone}; zone {zone} needs water; !begin watering zone {zone}; !give the {zone} zone some water
the {zone} zone is dry, water it; !water the {zone} zone for {minutes} minutes; zone {zone}: water, {minutes} minutes
!start watering zone {zone}, {minutes} minutes; !let water into zone {zone}; {minutes} minutes of water for zone {zone}
!turn the sprinklers on in zone {zone}

watering: stop watering; sprinkler off; zone off; end irrigation
Stops watering a zone; Turns off the sprinklers of a zone
zone|area|section: spot
!stop watering zone {zone}; zone {zone} has enough water; !no more water for zone {zone}; zone {zone}: water off
!turn off the water in zone {zone}; !shut off the {zone} zone; the {zone} zone is wet enough, stop; sprinklers off in zone {zone}

mower: mow lawn; start mower; cut grass; robot mower
Sends the robot mower to a lawn; Mows a lawn; Starts cutting the grass of a lawn
lawn|area|plot: spot; height|cut height?: 2-9
!mow the {lawn} lawn; !cut the grass on lawn {lawn}; the grass on lawn {lawn} is too long; lawn {lawn}: mow; !start mowing lawn {lawn}
!mow lawn {lawn}, height {height}; lawn {lawn} needs mowing; !trim the {lawn} lawn down to {height} cm

?soil: soil moisture; get moisture; bed moisture; soil sensor
Reads how moist the soil of a bed is; Soil moisture of a flower bed; Returns the moisture of a bed
bed|plot|sensor: spot
how dry is bed {bed}?; how moist is the {bed} bed?; soil moisture bed {bed}; !check the soil in bed {bed}; is bed {bed} wet?
{bed} bed, moisture?; does the {bed} bed need water?; !read the moisture of bed {bed}

feeder: feed pet; feed animal; dispense food; pet feeder
Feeds an animal; Fills the bowl of a pet; Gives food to a pet
pet|animal|name: person; grams|amount|portion?: 5-300
!feed {pet}; {pet} is hungry; !give {pet} {grams} grams of food; food for {pet}; !fill the bowl of {pet}
dinner time for {pet}, {grams} grams; {pet} has not eaten yet, {grams} grams

dim: set brightness; dim lamp; dimmer; lamp level
Sets the brightness of a lamp; Dims a lamp to a level; Changes how bright a lamp shines
lamp|light|device: spot; percent|level|brightness: 0-100
!dim the {lamp} lamp to {percent} percent; lamp {lamp} at {percent} percent; lamp {lamp}: {percent} %
!make the {lamp} lamp {percent} percent bright; !set lamp {lamp} to {percent}; !change the brightness of lamp {lamp} to {percent}
brightness {percent} for lamp {lamp}; lamp {lamp} is too bright, {percent} percent

scene: activate scene; set scene; scene; run scene
Activates a scene; Sets the mood of the whole home; Switches to a saved scene
scene|name|mood: label
scene {scene}; !start the {scene} scene; !switch to scene {scene}; !change the mood to {scene}; I would like the {scene} scene
scene: {scene}; !make it the {scene} scene; {scene} scene

blind: open blinds; blinds up; raise shutter; blind open
Opens the blinds of a room; Raises the blinds; Moves the blinds of a room up
room|where|window: room
!raise the blinds in the {room}; {room} blinds up; !pull up the {room} blinds; !open the blinds in the {room}; let light in, {room} blinds
it is too dark in the {room}, blinds up; blinds {room}: up

blind: close blinds; blinds down; lower shutter; blind shut
Closes the blinds of a room; Lowers the blinds; Moves the blinds of a room down
room|where|window: room
!lower the blinds in the {room}; {room} blinds down; !pull the {room} blinds down; !shut the blinds in the {room}; blinds {room}: down
the sun blinds me in the {room}, blinds down; !close the {room} blinds

door: lock door; secure door; door lock
Locks a door; Secures a door of the house
door|name|entrance: spot
!lock the {door} door; !lock door {door}; door {door}: lock; !secure the {door} door; the {door} door must be locked
door {door} should be locked; !bolt door {door}; !make sure door {door} is locked; did I leave the {door} door unlocked? Lock it
{door} door, lock

door: unlock door; release door; door unlock
Unlocks a door; Releases the lock of a door
door|name|entrance: spot
!unlock the {door} door; !unlock door {door}; door {door}: unlock; I have to get in through door {door}; !release the {door} door
someone waits at door {door}, let them in; door {door} should be unlocked; {door} door, unlock

gate: open gate; gate up; raise gate
Opens a gate; Lets somebody in through a gate
gate|name|entry: spot
!open gate {gate}; !open the {gate} gate; gate {gate}: open; gate {gate} up; !let the car in at gate {gate}
a visitor is at the {gate} gate, open; !start opening gate {gate}

gate: close gate; gate down; shut gate
Closes a gate; Shuts a gate of the yard
gate|name|entry: spot
!close gate {gate}; !shut the {gate} gate; gate {gate}: close; gate {gate} down; the {gate} gate is still open, shut it
!start closing gate {gate}; nobody else comes through gate {gate}, close it

vacuum: vacuum room; clean floor; start vacuum; robot vacuum; hoover
Sends the robot vacuum to a room; Cleans the floor of a room; Starts the vacuum cleaner
room|where|area: room
!vacuum the {room}; the floor in the {room} is dirty; !hoover the {room}; !clean the {room} floor; !send the vacuum to the {room}
{room}: vacuum; {room} floor, clean it; !start vacuuming room {room}

heater: heat room; start heating; room heater; warm up
Starts heating a room; Warms up a room; Turns on the heater of a room
room|zone|where: room; minutes|duration|time: 1-90
!start heating room {room}, {minutes} minutes; !heat the {room} for {minutes} minutes; !warm up the {room} for {minutes} minutes
{room}: heating, {minutes} minutes; it is cold in the {room}, heat it for {minutes} minutes; heater on in the {room} for {minutes} minutes
{minutes} minutes of heating in the {room}

oven: preheat oven; heat oven; oven on; set oven
Preheats the oven; Brings the oven to a temperature
degrees|temperature|temp: 80-250
!preheat the oven to {degrees}; oven {degrees}; oven to {degrees} degrees; !get the oven ready at {degrees} degrees; oven: {degrees}
I bake at {degrees} degrees, oven on; !heat the oven up to {degrees}; !turn the oven on at {degrees} degrees

kettle: boil water; kettle on; start kettle
Boils water; Switches the kettle on
-
!boil some water; I want tea; kettle on; !put the kettle on; !make hot water; kettle; !start the kettle

washer: start laundry; washing machine; run washer; wash clothes
Starts the washing machine; Washes the laundry with a program
program|mode|cycle: cotton,wool,quick,silk
!wash the laundry with {program}; laundry, program {program}; !run the washing machine on {program}; washing machine: {program}
my clothes are dirty, {program} program; !start the {program} wash; {program} cycle for the laundry

dishes: run dishwasher; dishwasher; start dishwasher; wash dishes
Runs the dishwasher; Cleans the dishes
-
!wash the dishes; !start the dishwasher; dishwasher on; the dishes are dirty; !do the dishes; !get the plates clean; dishwasher

fan: set fan speed; fan speed; ventilator; fan
Sets the speed of the fan; Makes the fan turn faster or slower
speed|level|step: 1-9
fan {speed}; fan speed {speed}; !set the fan to {speed}; !turn the fan to {speed}; fan on level {speed}; I need more air: {speed}
!make the fan blow at {speed}; fan: {speed}

loud: set volume; speaker volume; volume level; change loudness
Sets the speaker volume; Changes how loud the speaker is; Volume of the speaker
volume|level|loudness: 0-100
volume {volume}; !make it louder: {volume}; !change the volume to {volume}; !turn it up to {volume}; !turn it down to {volume}
volume at {volume}; volume: {volume}; it is too quiet, {volume}; !set the sound to {volume}; sound at {volume} percent
!put the volume on {volume}; it is too loud, {volume}

mute: mute speaker; silence; sound off; mute
Mutes the sound; Silences everything; Turns all sound off
-
!mute it; !be silent; no sound; sound off; !mute everything; !silence the room; I need silence; !kill the sound

channel: switch channel; tv channel; set channel; tune tv
Switches the television to a channel; Tunes the TV to a channel; Changes the channel on TV
channel|station|name: label
!switch to channel {channel}; channel {channel}; !put on channel {channel}; !show me {channel} on TV; TV: {channel}
I want to watch channel {channel}; !tune the TV to {channel}; !change the channel to {channel}; !turn the television to {channel}

armed: arm alarm; arm house; security on; arm system
Arms the burglar alarm; Turns the security system on
-
!arm the house; we are leaving, security on; security on; !guard the house; !turn on the burglar alarm; !set the security system
burglar alarm on

armed: disarm alarm; disarm house; security off; disarm system
Disarms the burglar alarm; Turns the security system off
code|pin|password: digits
!disarm the house, code {code}; security off, {code}; I am home, the code is {code}; !turn off the burglar alarm with {code}
code {code}, disarm; burglar alarm off: {code}

?camera: take snapshot; camera picture; snapshot; grab frame
Takes a picture with a camera; Snapshot of a camera
camera|cam|source: spot
!take a picture with camera {camera}; show me camera {camera}; what does the {camera} camera see?; camera {camera}: snapshot
photo from camera {camera}; !snap a picture with the {camera} camera

?humidity: get humidity; room humidity; humidity sensor
Returns the humidity of a room; How humid the air of a room is
room|where|place: room
how humid is the {room}?; humidity in the {room}; is the air in the {room} damp?; {room} humidity; !measure the humidity in the {room}
!tell me the humidity of the {room}; how damp is the {room}?

elevator: call elevator; call lift; elevator; send lift
Calls the elevator to a floor; Brings the lift to a floor
floor|level|stop: 0-40
elevator to floor {floor}; !send the lift to floor {floor}; I wait on floor {floor}, the lift please; floor {floor}: lift
!get the elevator to floor {floor}; !bring the lift up to floor {floor}

?car: car fuel; fuel level; get fuel; tank level
Returns how much fuel a car has; Fuel level of a car
car|vehicle|plate: code
how much fuel is in car {car}?; how full is the tank of {car}?; fuel of car {car}; does car {car} need petrol?; car {car}: tank?
!check the tank of car {car}

car: charge car; set charge; charge limit; ev charge
Charges an electric car; Charges the battery of a car to a level
car|vehicle|plate: spot; percent|limit|target|level: 20-100
!charge car {car} to {percent} percent; car {car}: charge to {percent}; !plug in the {car} car until {percent} percent
the {car} car needs {percent} percent; !fill the battery of car {car} up to {percent}

seat: seat heating; heat seat; warm seat
Heats a seat of the vehicle; Seat heating on a level
seat|position|side: driver,passenger,left,right; level|heat|step: 1-5
{seat} seat, level {level}; !warm the {seat} seat, level {level}; my {seat} seat is cold, make it {level}; seat heating {seat} {level}
!set the {seat} seat to {level}

garage: book service; car service; garage appointment; book inspection
Books a service at the garage; Makes an appointment at the garage for an inspection
plate|vehicle|registration: code; day|date|when: day
!book a service for {plate} on {day}; inspection of {plate} on {day}; {plate} has to go to the garage on {day}
garage {day}, plate {plate}; !take {plate} to the garage on {day}

?parking: find parking; parking spots; park near; parking
Finds free parking spaces near a place; Parking close to a place
place|near|location|where: place
where can I park near {place}?; parking near {place}; !find a place for my car close to {place}; is there parking at {place}?
{place} parking; I need to park at {place}; I want to leave my car near {place}

?tire: tire pressure; get pressure; tyre check
Reads the pressure of a tire; Tire pressure of one wheel
wheel|tire|position: spot
how much air is in wheel {wheel}?; pressure of wheel {wheel}; tire pressure, wheel {wheel}; is wheel {wheel} flat?
!check the air in the {wheel} wheel; wheel {wheel}: air?

meeting: book meeting room; reserve meeting room; meeting place
Reserves a meeting room; Books a room for a meeting
room|place|name: spot; time|start|when|at: clock; people|seats|size?: 2-30
!reserve meeting room {room} at {time}; meeting room {room}, {time}; I need the {room} meeting room at {time}
!book meeting room {room} for {people} people at {time}; we meet in meeting room {room} at {time}
meeting room {room} at {time} for {people} people

printer: print document; print file; printer; print
Prints a document; Puts a document on paper
document|file|name: file; copies|count|n?: 1-40
!print {document}; !print {copies} copies of {document}; I need {document} on paper; {document} on paper, {copies} copies
{copies} printouts of {document}; !print the document {document}; !get {document} out of the printer, {copies} times

?toner: toner level; ink level; printer ink
Shows how much ink a printer has left; Ink level of a printer
printer|device|name: spot
how much ink has printer {printer}?; ink in the {printer} printer; is printer {printer} low on ink?; printer {printer}: ink?
!check the ink of printer {printer}; does the {printer} printer need ink?

scanner: scan page; scan document; scanner; start scan
Scans pages into a file; Makes a picture of paper
file|name|title|target: label; dpi|resolution?: 72-600
!scan it as {file}; !scan to {file}; scan: {file}; !scan with name {file} and {dpi} dpi; !digitise these pages as {file}
scan {file}, {dpi} dpi

task: add task; create task; new todo; task add
Adds a task to the list; Creates a new task; Puts something on the to-do list
title|task|name|text: label; priority|prio|level?: 1-5
new task: {title}; task {title}; !add a task, title {title}, priority {priority}; title {title}, priority {priority}
!create a task called {title}; !put {title} on my to-do list; I still have to do {title}; task {title}, priority {priority}
!add {title} to my tasks with priority {priority}; todo: {title}; a task with priority {priority} and title {title}

task: complete task; finish task; task done; tick off
Marks a task as done; Ticks off a task
task|id|number|title: spot
task {task} is done; !tick off task {task}; I finished task {task}; done with task {task}; task {task}: done
!mark task {task} as finished; !complete the {task} task; the {task} task is behind me

hours: log hours; book hours; time sheet; track work
Writes hours into the time sheet; Logs working hours on a project
project|account|job: label; hours|amount|h: 1-12
!log {hours} hours on project {project}; {hours} hours for project {project}; I worked {hours} hours on {project}
project {project}: {hours} hours; !book {hours} hours to the {project} project; project {project}, {hours} h

leave: request leave; vacation request; holiday request; take off
Requests days off; Asks the boss for vacation
days|count|length: 1-30; start|from|first day?: day
I need {days} days off; !request {days} days of vacation; {days} days of vacation from {start}; I want to be away for {days} days
vacation: {days} days; !ask for {days} days off starting {start}

expense: submit expense; add expense; expense; claim cost
Submits an expense; Claims money back from the company
amount|sum|total|value: 0.5~300; reason|for|purpose|what: label
expense: {amount} for {reason}; I spent {amount} on {reason}, claim it; !claim {amount} for {reason}; !submit {amount} for {reason}
{reason} cost me {amount}, I want it back; expense {reason}, {amount}

desk: reserve desk; book desk; desk
Reserves a desk in the office; Books a desk for a day
desk|place|seat|number: spot; day|date|when: day
desk {desk} on {day}; !reserve desk {desk} for {day}; I sit at desk {desk} on {day}; !save desk {desk} for me on {day}; desk {desk}, {day}
!book me desk {desk} on {day}; {day}: desk {desk}

service: restart service; service restart; bounce service; reload daemon
Restarts a service; Stops a service and starts it again; Reboots a daemon
service|name|daemon|unit: host
!restart {service}; !bounce {service}; {service} hangs, restart it; service {service}: restart; !restart the {service} service
{service} needs a restart; !reboot service {service}; the {service} service is stuck, restart

service: stop service; kill service; halt daemon; service down
Stops a service; Takes a service down
service|name|daemon|unit: host
!stop {service}; !shut down {service}; !take the {service} service down; service {service}: stop; !halt service {service}
{service} should not run any more; !kill the {service} service

service: start service; launch service; run daemon; service up
Starts a service; Brings a service up
service|name|daemon|unit: host
!start {service}; !bring up {service}; !launch the {service} service; service {service}: start; {service} should run
!get service {service} going; the {service} service is down, bring it up

scale: scale deployment; set replicas; replicas; scale up
Sets how many replicas a deployment has; Scales a deployment
deployment|app|name|workload: host; replicas|count|size|n: 1-50
!scale {deployment} to {replicas}; {replicas} replicas of {deployment}; {deployment}: {replicas} replicas
!run {replicas} copies of {deployment}; {deployment} needs {replicas} replicas; !make it {replicas} replicas for {deployment}

deploy: deploy version; release; deploy; ship version; roll out
Deploys a version to an environment; Rolls out a release; Ships a version
version|release|tag|build: version; environment|env|target|stage: host
!deploy {version} to {environment}; !ship {version} to {environment}; !roll out version {version} on {environment}
{version} to {environment}; version {version} on {environment}; {environment} should run {version}; !put {version} on {environment}
!release version {version} to {environment}

deploy: rollback; roll back; undo deploy; revert release
Rolls an environment back to the release before; Undoes the last rollout
environment|env|target|stage: host
!roll back {environment}; !undo the rollout on {environment}; {environment}: rollback; !go back to the last good release on {environment}
the release on {environment} is broken, go back; rollback {environment}; !revert {environment}

?logs: tail logs; show logs; read logs; log lines
Shows the last lines of a log; Prints log lines of an application
app|log|source|name: host; lines|count|n|tail?: 5-500
!show me the log of {app}; last {lines} lines of {app}; logs of {app}; what did {app} write to its log?; log {app}
!tail the {app} log, {lines} lines; what does the {app} log say?

?disk: disk usage; free space; disk space; storage
Returns how full the disk of a machine is; Free space of a machine
machine|host|server|node: host
how full is {machine}?; disk space on {machine}; how much space is left on {machine}?; {machine} disk?; is the disk of {machine} full?
free space on machine {machine}; !check the disk of {machine}

backup: create backup; backup database; dump database; save snapshot
Makes a backup of a database; Saves a database
database|db|name|schema: host
!back up {database}; backup of {database}; database {database}: backup; !save the {database} database; I need a fresh backup of {database}
!dump the {database} database; !take a backup of database {database}

backup: restore backup; restore database; load dump
Restores a database from its last backup; Brings a lost database back
database|db|name|schema: host
!restore {database}; {database} is broken, bring back the backup; database {database}: restore; !recover the {database} database
!bring back database {database}; I lost {database}, restore it

issue: open ticket; create issue; new ticket; file bug
Opens a ticket; Creates a new issue in the tracker; Reports a bug
title|subject|summary|name: label; severity|priority|level?: low,normal,high
!open a ticket: {title}; new issue {title}; !file a bug, title {title}, severity {severity}; bug: {title}; !report {title} as a bug
!create a {severity} ticket for {title}; issue {title}, severity {severity}; I found a bug: {title}; title {title}, severity {severity}

issue: close ticket; close issue; resolve ticket
Closes a ticket; Sets an issue to solved
ticket|id|issue|number: code
!close ticket {ticket}; ticket {ticket} is solved; issue {ticket}: close; !resolve {ticket}; we are done with ticket {ticket}
ticket {ticket} can go; {ticket} is fixed, close it

issue: assign ticket; give ticket; set owner
Assigns a ticket to a person; Sets who works on a ticket
ticket|id|issue|number: code; person|owner|assignee|who|user: person
!assign {ticket} to {person}; !give ticket {ticket} to {person}; {person} takes ticket {ticket}; ticket {ticket}: {person}
{person} should work on {ticket}; !let {person} do ticket {ticket}; ticket {ticket} is for {person}

branch: create branch; new branch; make branch
Creates a branch in the repository; Starts a new line of work in git
branch|name|title: slug; base|from|source?: slug
new branch {branch}; !create the branch {branch}; !branch off {base} as {branch}; branch {branch} from {base}
!make a branch called {branch}; branch: {branch}; !start branch {branch} from {base}

branch: merge branch; merge; join branch; land branch
Merges one branch into another; Lands a branch
source|from|branch|head: slug; target|into|to|base: slug
!merge {source} into {target}; {source} into {target}; !land {source} on {target}; branch {source} goes into {target}
!bring {source} into {target}; merge: {source} -> {target}

pipeline: run pipeline; start job; trigger build; run job
Runs a pipeline; Triggers a build job; Starts a job of the CI
job|pipeline|name|build: slug
!trigger {job}; !run the {job} job; job {job}; !kick off the {job} pipeline; !start pipeline {job}; pipeline {job}: run
{job} has to be built; !build {job}; !get job {job} going

firewall: block ip; ban address; deny ip; firewall block
Blocks an address in the firewall; Bans an IP address
ip|address|source|host: ip
!block {ip}; {ip} attacks us, block it; !ban {ip}; no more traffic from {ip}; firewall: {ip}; !keep {ip} out; !lock out {ip}
!drop everything from {ip}

secret: rotate key; new secret; rotate secret; renew key
Rotates a secret; Replaces a key by a new one
key|secret|name|id: slug
!rotate {key}; !rotate the key {key}; the key {key} leaked; !replace key {key}; key {key}: rotate; !make a new secret for {key}
secret {key} is old, change it; !renew key {key}

flag: set flag; feature flag; toggle feature; feature
Turns a feature flag on or off; Enables or disables a feature
flag|feature|name|key: slug; on|enabled|active|state: switch
!turn {on} the feature {flag}; feature {flag} {on}; flag {flag}: {on}; !switch flag {flag} {on}; !set the {flag} flag to {on}
!turn the {flag} feature {on}

pager: page team; call on duty; alert team; page
Pages the team on duty; Wakes the people on call
team|group|who|rota: label; reason|message|text|why: sentence
!page {team}: {reason}; !page the {team} team: {reason}; !wake the {team} team: {reason}; team {team} should know: {reason}
on call {team}: {reason}; !get the {team} team out of bed: {reason}

?certificate: certificate expiry; check certificate; cert date; tls check
Tells when a certificate expires; Checks the certificate of a domain
domain|host|site|name: domain
when does the certificate of {domain} expire?; certificate of {domain}; how long is the certificate of {domain} valid?
!check the cert of {domain}; {domain} certificate?; is the certificate for {domain} still good?

?queue: queue length; queue size; pending jobs; count queue
Returns how many messages wait in a queue; Length of a queue
queue|name|topic|channel: slug
how long is queue {queue}?; what waits in {queue}?; queue {queue}; how many messages are in queue {queue}?; length of the {queue} queue
is the {queue} queue full?

cart: add to cart; cart add; put in basket; add product
Adds a product to the cart; Puts an article in the shopping basket
product|item|article|name: label; quantity|count|amount|n?: 1-20
!add {product} to my cart; {product} into the cart; I would like to buy {product}; !put {quantity} {product} in the basket
{quantity} x {product} in my cart; I take {quantity} of {product}; cart: {product}; !buy {product}

cart: remove from cart; cart remove; drop item; take out
Removes a product from the cart; Takes an article out of the basket
product|item|article|name: label
!remove {product} from my cart; no {product} after all; !take {product} out of the basket; I do not want {product} any more
out of the cart: {product}; !drop {product} from the cart

cart: clear cart; empty cart; empty basket
Empties the cart; Throws everything out of the basket
-
!empty my cart; I want nothing of it, clear the cart; !clear the basket; cart empty; !throw everything out of my cart
!start over with an empty basket

?instock: check stock; product available; in stock; stock level
Checks whether a product is available; How many of a product the shop has left
product|item|article|sku: label
do you have {product} in stock?; is {product} available?; are there any {product} left?; {product} in stock?; !check if {product} is there
can I get {product} in the shop?; how many {product} do we have left?

?cost: product price; get price; price check; price
Returns the price of a product; What a product costs
product|item|article|sku: label
how much is {product}?; what does {product} cost?; price of {product}?; {product}: price?; how expensive is {product}?
!get me the price of {product}; what do I pay for {product}?

coupon: apply coupon; use voucher; discount code; redeem code
Applies a discount code; Redeems a voucher
code|coupon|voucher|key: code
coupon {code}; !use the coupon {code}; I have a voucher: {code}; !redeem {code}; my discount code is {code}; voucher {code}
!take {code} off the price

refund: return item; start return; send back; refund
Starts the return of an article; Sends an article back to the shop
article|item|product|id: label; reason|why|cause?: label
I want to send {article} back; return of {article}; !send back {article}, reason {reason}; {article} does not fit, back to the shop
I do not like {article}, take it back; return {article}, reason: {reason}

rating: rate product; give stars; review; rate
Rates a product; Gives stars to a product
product|item|name|what: label; stars|rating|points|score: 1-5
{stars} stars for {product}; !give {product} {stars} stars; {product}: {stars} stars; I rate {product} with {stars}
{product} deserves {stars} stars; !rate {product}, stars {stars}

?hours_open: store hours; opening hours; open until; shop times
Tells the opening hours of a store; When a store opens and closes
store|shop|branch|place: label
when does the {store} store open?; opening hours of {store}; is {store} open?; until when is {store} open?; {store} hours?
when can I go to the {store} store?; when does store {store} close?

book: borrow book; lend book; check out book
Borrows a book from the library; Lends out a book
book|title|name|isbn: label; weeks|duration?: 1-8
I want to read {book}; !borrow {book}; !check out the book {book}; can I take {book} home?; the book {book}, for {weeks} weeks
!lend me {book}; !lend me the book {book} for {weeks} weeks; book {book}, {weeks} weeks

book: renew loan; extend loan; renew book; keep longer
Renews the loan of a book; Lets the reader keep a book longer
book|title|name|isbn: label
!renew {book}; I need the book {book} longer; !extend the loan of {book}; I have not finished {book} yet; may I keep {book}?
book {book}: renew; more time for {book}

book: return book; give back; bring back book
Returns a book to the library; Takes a book back from a reader
book|title|name|isbn: label
I bring {book} back; !return {book}; !take back {book}; here is {book} again, I have read it; the book {book} is back; book {book}: return
I am done reading {book}

?author: books by author; list works; author search
Lists the books of a writer; What a writer has written
author|writer|name|who: person
what did {author} write?; which books are by {author}?; books by {author}; !show me everything {author} has written; novels of {author}
{author}: works; has {author} written anything?

?fee: late fee; fines; open fees; library fine
Returns the fines on a library card; What a reader owes
card|reader|id|number: code
what do I owe? My card is {card}; fines on card {card}; do I have to pay anything for card {card}?; card {card}: fines?
!check the fines of card {card}; how much is open on library card {card}?

hotel: book hotel; hotel booking; find bed; reserve hotel
Books a hotel; Reserves nights in a hotel of a city
city|location|where|town: city; nights|count|stay|n: 1-21
{nights} nights in {city}; !book me a hotel in {city} for {nights} nights; I need a bed in {city} for {nights} nights
hotel {city}, {nights} nights; I stay in {city} for {nights} nights; hotel in {city}: {nights} nights

checkout: check out; checkout guest; leave room; room checkout
Checks a guest out; Ends the stay of a guest
room|number|key|id: spot
!check out room {room}; I leave room {room}; room {room}: checkout; the guests of room {room} go home; !end the stay in room {room}
room {room} is leaving; we give up room {room}

roomservice: room service; bring to room; deliver meal
Brings food or drinks to a room; Room service for a guest
room|number|where: spot; item|what|meal|wish: label
{item} to room {room}; !bring {item} to room {room}; room {room} wants {item}; room {room}: {item}; a {item} for room {room}
I am in room {room} and would like {item}; room service {room}, {item}

wakecall: wake up call; call guest; wake guest
Wakes a guest by phone; Morning call for a guest of the hotel
room|number|where: spot; time|at|when|hour: clock
!wake room {room} at {time}; wake-up call for room {room} at {time}; room {room} wants to get up at {time}; room {room}: {time}
!ring room {room} at {time}; room {room} gets a call at {time}

towel: order towels; fresh towels; housekeeping; bring linen
Has housekeeping bring towels; Sends fresh towels
room|number|where: spot; count|amount|towels|n: 1-9
{count} towels for room {room}; room {room} needs {count} towels; !bring {count} fresh towels to room {room}; towels, room {room}, {count}
!get {count} towels up to room {room}

table: reserve table; book table; table reservation
Reserves a table in a restaurant; Books a table for some people
people|guests|persons|seats: 1-16; time|at|when|hour: clock; name|guest name|for?: person
a table for {people} at {time}; !book a table for {people} people at {time}; we are {people} and come at {time}
table, {people} people, {time}; !reserve for {people} at {time}, name {name}; we want to eat at {time}, {people} of us
table for {people} at {time} under {name}

dish: order dish; order food; place meal; kitchen order
Orders a dish; Sends a dish to the kitchen
dish|meal|food|item: label; table|seat|number?: 1-60
I would like the {dish}; {dish} for table {table}; table {table} takes the {dish}; one {dish}; I am hungry, bring me {dish}; I take {dish}
table {table}: {dish}; I will have the {dish}

?menu: show menu; get menu; what to eat; menu
Shows the menu of a restaurant; What a restaurant serves
restaurant|place|name|where: label
what can I eat at {restaurant}?; menu of {restaurant}; {restaurant} menu; what do they serve at {restaurant}?
!show me what {restaurant} cooks; what is on the menu at {restaurant}?; !get the menu of restaurant {restaurant}

?bill: table bill; get bill; close check; pay table
Prepares the bill of a table; Adds up what a table has to pay
table|number|seat: 1-80
table {table} wants to pay; the bill for table {table}; check for table {table}; table {table}: bill; what does table {table} have to pay?
!bring the bill to table {table}; table {table} would like to pay

?allergen: allergens; check allergens; food allergens; what is in
Lists the allergens of a food; Tells what a food contains
food|item|meal|product: label
what is in {food}?; are there nuts in {food}?; allergens of {food}; can I eat {food} with an allergy?; {food}: allergens?
does {food} contain milk?; is {food} free of nuts?

?train: find trains; train search; train connection; rail
Finds trains between two stations; Train connections; Lists trains from one station to another
start|from|origin|departure: city; end|to|destination|arrival: city
are there trains leaving {start} for {end}?; trains {start} {end}; when can I go by rail from {start} to {end}?
which trains go from {start} to {end}?; I need a train from {start} to {end}; trains from {start} to {end}
!show trains between {start} and {end}; by train from {start} to {end}, when?; is there a train to {end} from {start}?
{start} to {end} by train

?flight: flight status; track flight; flight info
Returns whether a flight is on time; State of a flight
flight|number|id|code: flight
is flight {flight} on time?; has {flight} landed?; {flight} status; when does flight {flight} arrive?; flight {flight}; is {flight} late?
where is flight {flight}?; !check flight {flight}

flight: check in flight; flight checkin; get boarding pass; check in
Checks a passenger in for a flight; Gets the boarding pass
flight|number|id|code: flight; seat|place?: seat
!check me in for {flight}; boarding pass for {flight}; !check in, flight {flight}, seat {seat}; I fly with {flight} and want seat {seat}
check-in {flight}; seat {seat} on {flight}

taxi: book taxi; call cab; taxi; order ride
Calls a taxi; Orders a ride
pickup|from|start|address|where: place; destination|to|end|goal?: place
taxi to {pickup}; !get me a cab at {pickup}; a taxi from {pickup} to {destination}; I need a ride from {pickup} to {destination}
!pick me up at {pickup}; cab: {pickup}; I am at {pickup}, taxi; cab from {pickup} to {destination}

?bus: next bus; bus departure; bus times; bus stop
Tells when the next bus leaves a stop; Departures of buses at a stop
stop|station|place|name: place
when does the next bus leave {stop}?; bus at {stop}; next bus from {stop}; stop {stop}: bus?; which bus comes to stop {stop}?
how long do I wait for the bus at {stop}?; buses {stop}

?luggage: find luggage; track bag; lost bag; baggage
Finds lost luggage; Looks where a suitcase is
tag|bag|label|number: code
where is my suitcase {tag}?; I lost my bag, tag {tag}; luggage {tag}; !find bag {tag}; my bag {tag} did not arrive
suitcase with tag {tag}, where is it?; bag {tag}?

?grade: get grade; student grade; show marks; school mark
Returns the grade of a student; Marks of a student
student|pupil|name|who: person; subject|class|course?: label
what grade has {student}?; marks of {student}; how good is {student} in {subject}?; {student}, {subject}: grade?
how does {student} do at school?; grade of {student} in {subject}; which mark did {student} get in {subject}?

homework: assign homework; give homework; set exercise
Gives homework to a class; Sets an exercise for pupils
class|group|course|form: code; task|exercise|text|what: label
homework for class {class}: {task}; class {class} should do {task}; !give class {class} the exercise {task}
class {class}, homework {task}; {task} is homework for {class}; !set {task} for class {class}

absent: mark absent; report sick; student absent; absence
Marks a pupil as absent; Writes down that a child is missing
pupil|student|name|child: person
{pupil} is not here; {pupil} is missing; !mark {pupil} as absent; {pupil} stays at home; {pupil} is sick; absent: {pupil}
{pupil} did not come to school; no {pupil} in class

?timetable: class timetable; show lessons; schedule of class; lessons
Shows the lessons of a class on a day; Timetable of a class
class|group|course|form: code; day|date|when: day
what does class {class} have on {day}?; lessons of {class} on {day}; timetable {class} {day}; class {class}, {day}: lessons?
which lessons has class {class} on {day}?

quiz: start quiz; quiz; new test; exercise round
Starts a quiz on a topic; Asks the learner questions
topic|subject|theme|about: label; questions|count|length|n?: 3-30
!quiz me on {topic}; !ask me {questions} questions about {topic}; quiz: {topic}; I want to practise {topic}
quiz {topic}, {questions} questions; !test me on {topic}; {questions} questions on {topic}

doctor: doctor appointment; book doctor; see doctor; visit
Makes an appointment with a doctor; Books a visit to the surgery
doctor|who|name|with: person; day|date|when: day
I have to see doctor {doctor} on {day}; appointment with {doctor} on {day}; doctor {doctor}, {day}
!book me in with doctor {doctor} for {day}; {day} at doctor {doctor}; I am ill, doctor {doctor} on {day}

pills: refill prescription; renew medicine; order pills; refill
Renews a prescription; Orders more of a medicine
medicine|drug|name|what: label
I am out of {medicine}; refill of {medicine}; !renew my prescription for {medicine}; my {medicine} pills are gone; more {medicine} pills
prescription: {medicine}; I need new {medicine} pills; !refill {medicine}

weight: log weight; body weight; save weight; weight entry
Logs the body weight; Saves how heavy the user is
kilos|weight|kg|value: 40~120
I weigh {kilos} kilos; weight {kilos}; today the scales say {kilos}; my weight is {kilos}; !log {kilos} kg; {kilos} kilos this morning
weight: {kilos}; !put my weight down as {kilos}

?pulse: heart rate; get pulse; pulse; read heart
Reads the heart rate; Returns the pulse of the user
-
how fast does my heart beat?; my pulse?; pulse; !measure my pulse; what is my heart rate?; !check my heart; heart rate?

?pharmacy: find pharmacy; open pharmacy; pharmacy near; chemist
Finds a pharmacy; Lists pharmacies near a place
place|near|where|location: place
where can I buy medicine near {place}?; pharmacy near {place}; is there a chemist at {place}?; {place} pharmacy
!find a pharmacy close to {place}; I need a chemist near {place}

?lab: lab result; blood test; test result; lab report
Returns a laboratory result; Shows the blood values of a sample
sample|id|number|code: code
what came out of sample {sample}?; lab result {sample}; is sample {sample} ready?; sample {sample}; my blood test {sample}?
!show me the result of sample {sample}

?balance: account balance; get balance; check account; balance
Returns the balance of an account; How much money is on an account
account|name|id|iban: spot
how much money is on account {account}?; balance of the {account} account; what do I have on {account}?; account {account}
{account} account: balance?; am I broke? Account {account}; !check the {account} account

transfer: transfer money; send money; bank transfer; pay person
Transfers money to somebody; Moves an amount to another person
amount|sum|value|money: 1-5000; to|recipient|person|who: person
!pay {to} {amount} euros; {amount} to {to}; {to} gets {amount} euros from me; I owe {to} {amount} euros, pay it; {amount} euros for {to}
!wire {amount} to {to}; !send {amount} euros to {to}; {to}: {amount} euros

freeze: freeze card; block card; lock card; card off
Freezes a bank card; Blocks a stolen card
card|number|id|name: spot
my card {card} was stolen; !block card {card}; !freeze the {card} card; I lost card {card}; card {card}: block
nobody should pay with card {card}; !stop card {card}; !lock card {card}

invoice: pay invoice; settle invoice; invoice payment
Pays an invoice; Settles an open invoice
invoice|number|id|ref: code
!pay invoice {invoice}; !settle {invoice}; invoice {invoice} has to be paid; invoice {invoice}: pay; !clear invoice {invoice}
the money for invoice {invoice} may go out

playlist: add to playlist; save song; playlist add; queue track
Adds a song to a playlist; Puts a track on a playlist
song|track|title|name: label; playlist|list|to|target: label
!put {song} on the {playlist} playlist; {song} to playlist {playlist}; !add {song} to playlist {playlist}
playlist {playlist} needs {song}; !save {song} in playlist {playlist}; {song} belongs on my {playlist} playlist

playlist: shuffle playlist; play list; start playlist; mix
Starts a playlist in random order; Shuffles a playlist
playlist|list|name|mix: label
!shuffle {playlist}; playlist {playlist}; !start my {playlist} playlist; I want to hear the playlist {playlist}
playlist {playlist}, mixed; !mix up playlist {playlist}; !put on the {playlist} playlist

player: next track; skip; skip song; next
Skips to the next track; Jumps over what is playing
-
next one; !skip this; I do not like this track; !go on to the next track; skip; next track; !jump to the next one; another track

player: pause music; pause; hold music; pause player
Pauses the music; Holds the player
-
!pause; !stop the music for a moment; quiet for a minute; !hold the music; music on hold; I have to take a call, pause the music
!pause the player

metronome: set tempo; metronome; beat; start metronome
Starts the metronome; Sets the tempo of the beat
bpm|tempo|speed|rate: 40-220
tempo {bpm}; metronome at {bpm}; {bpm} beats per minute; !give me a beat of {bpm}; {bpm} bpm; !click at {bpm} bpm; metronome {bpm}
!count me in at {bpm} bpm

?recipe: find recipe; get recipe; cook; recipe
Finds a recipe; Tells how to cook something
dish|food|meal|name: label; people|portions|servings?: 1-12
how do I cook {dish}?; recipe for {dish}; {dish} recipe; I want to cook {dish}; how is {dish} made?
a recipe for {dish} for {people} people; I cook {dish} for {people}, how?; !teach me to cook {dish}

shopping: shopping list add; add grocery; grocery list; buy later
Adds something to the shopping list; Puts a grocery on the list
item|what|product|grocery: label; count|amount|quantity|n?: 1-24
we need {item}; we are out of {item}; shopping list: {item}; {item} on the shopping list; !put {item} on the shopping list
we need {count} {item}; {count} x {item} on the shopping list; !note {item} for shopping

?pantry: check pantry; pantry stock; what is left; fridge
Tells how much of a food is in the pantry; Looks into the fridge
food|item|what|product: label
do we still have {food}?; is there {food} in the fridge?; how much {food} is left at home?; {food} at home?
!look in the fridge for {food}; is any {food} left in the pantry?; pantry: {food}?

coffee: brew coffee; make coffee; coffee machine; coffee
Brews coffee; Starts the coffee machine
cups|count|amount|n: 1-12
coffee, {cups} cups; !make {cups} cups of coffee; {cups} coffees; coffee for {cups}; !brew {cups} cups; we want {cups} cups of coffee
coffee machine: {cups} cups; I am tired, {cups} cups of coffee

?calories: get calories; calorie count; nutrition; kcal
Returns the calories of a food; How much energy a food has
food|item|what|name: label; grams|amount|weight?: 10-500
how many calories has {food}?; calories of {food}; {grams} grams of {food}, how many calories?; {food} calories; does {food} make fat?
calories in {grams} g of {food}; is {food} rich in calories?

?score: match score; team score; game result; get score
Returns the score of a team; How the match of a team ended
team|club|name|side: label
how did {team} play?; did {team} win?; score of {team}; {team} score; what is the result of {team}?; who won, {team}?
how many goals did {team} shoot?; !tell me how the {team} match ended

run: log run; save run; add training; jogging
Logs a run; Saves a training of the runner
km|distance|kilometers|length: 0.5~42; minutes|duration|time?: 5-240
I ran {km} km; {km} km in {minutes} minutes; !log a run of {km} km; run: {km} km, {minutes} minutes; jogged {km} km; today I did {km} km
my run was {km} km long; ran {km} km in {minutes} minutes

court: book court; reserve court; tennis court; court
Reserves a court for a game; Books a tennis court
court|place|number|name: spot; time|at|when|start: clock
court {court} at {time}; !reserve court {court} for {time}; we play on court {court} at {time}; !get us court {court} at {time}
court {court}, {time}; !book the {court} court at {time}; is the {court} court free at {time}? Then take it

workout: start workout; begin training; exercise; workout
Starts a workout; Begins a training session
exercise|kind|type|workout: label; minutes|duration|length: 5-90
!start a {exercise} workout, {minutes} minutes; {minutes} minutes of {exercise}; workout {exercise}, {minutes} minutes
I train {exercise} for {minutes} minutes; {exercise} training for {minutes} minutes; workout: {exercise}, {minutes} min

pallet: move pallet; pallet to bay; store pallet; forklift
Moves a pallet to a bay; Brings a pallet to another bay
pallet|id|load|number: code; bay|to|target|place: spot
!move pallet {pallet} to bay {bay}; pallet {pallet} to bay {bay}; pallet {pallet}: bay {bay}
!take pallet {pallet} and leave it at bay {bay}; bay {bay} gets pallet {pallet}; !put pallet {pallet} in the {bay} bay
pallet {pallet} belongs in bay {bay}

drop: leave parcel; drop parcel; put down; deposit
Leaves a parcel at a bay; Puts a parcel down somewhere in the hall
bay|place|where|spot: spot
!leave it at bay {bay}; !put the parcel down at bay {bay}; !leave the parcel at bay {bay}; bay {bay}; !drop it in the {bay} bay
the parcel goes to bay {bay}; parcel: bay {bay}; !deposit it at bay {bay}; at bay {bay}, leave it there

pick: pick item; pick order; take from shelf; picker
Picks goods from a shelf; Takes pieces out of the store
item|article|sku|goods: code; count|quantity|pieces|n: 1-99; shelf|from|rack|location?: spot
!pick {count} of {item}; {count} pieces of {item} from shelf {shelf}; !take {count} {item} from shelf {shelf}; {item}, {count} pieces
!get {count} pieces of {item}; shelf {shelf}: {item}, {count} pieces; I need {count} of {item} from shelf {shelf}

?locate: locate item; find in warehouse; where is item; bin of item
Tells in which bin an item lies; Location of an item in the warehouse
item|article|sku|part: code
in which bin is {item}?; where do we keep {item}?; bin of {item}; !locate {item}; location of item {item}; item {item}: bin?
I cannot find {item} in the warehouse; where does item {item} lie?

?weigh: weigh parcel; parcel weight; scale
Weighs a box; Returns how heavy a box is
box|id|package|number: code
how heavy is box {box}?; !weigh box {box}; box {box}: weight?; !put box {box} on the scales; weight of box {box}; is box {box} heavy?

truck: dispatch truck; send truck; truck leave; truck go
Sends a truck on its way; Dispatches a truck to a city
truck|vehicle|id|plate: code; city|to|destination|where: city
!send truck {truck} to {city}; truck {truck} drives to {city}; truck {truck}: {city}; truck {truck} may leave for {city}
!let truck {truck} go to {city}; {city} is where truck {truck} goes; truck {truck}, {city}

label: print label; make sticker; label printer; sticker
Prints a sticker; Makes an address sticker
text|label|content|words: label; count|copies|n?: 1-99
{count} stickers with {text}; a sticker that says {text}; !print a sticker with {text}; sticker: {text}
!make {count} stickers, text {text}; sticker {text}, {count} times; I need {count} stickers saying {text}

?wind: wind speed; get wind; station wind; anemometer
Returns the wind speed at a station; How strong the wind blows at a station
station|site|place|name: spot
how strong is the wind at station {station}?; wind at station {station}; how windy is it at station {station}?; station {station}: wind
does the wind blow at the {station} station?; wind, station {station}; {station} station wind

?rain: rain amount; rainfall; get rain; rain gauge
Returns how much rain a gauge caught; Rainfall of a gauge
gauge|sensor|name|id: spot
how much rain fell at gauge {gauge}?; rain at the {gauge} gauge; gauge {gauge}: rain; did it rain at gauge {gauge}?; rain, gauge {gauge}
how wet was it at gauge {gauge}?; millimetres at gauge {gauge}?

calibrate: calibrate sensor; zero sensor; adjust sensor; tune probe
Calibrates a probe; Sets a probe back to zero; Adjusts a probe to a value
probe|sensor|name|id: spot; offset|value|to|target?: 0-99
!calibrate probe {probe}; probe {probe} is wrong; probe {probe}: calibrate; !adjust the {probe} probe to {offset}
the {probe} probe shows nonsense, calibrate it; !start calibrating probe {probe}; !set probe {probe} right

?air: air quality; smog level; air index; pollution
Returns the air quality of a city; How clean the air is
city|place|where|location: city
how clean is the air in {city}?; smog in {city}?; air quality {city}; can I breathe in {city}?; is the air in {city} dirty?; air in {city}
!check the air in {city}

fax: send fax; fax; fax document
Sends a fax; Faxes a text to a number
number|to|recipient|phone: digits; text|message|content|body: sentence
fax {number}: {text}; !fax {number}: {text}; fax to {number}: {text}; !send the number {number} a fax: {text}; by fax to {number}: {text}
!fax this to {number}: {text}

post: post message; channel post; chat post; write in channel
Posts a text in a channel; Writes into a chat room
channel|room|to|where|group: slug; text|message|content|body: sentence
!post in {channel}: {text}; #{channel}: {text}; to channel {channel}: {text}; !write in channel {channel}: {text}
channel {channel}: {text}; !tell everyone in {channel}: {text}; !let channel {channel} know: {text}

announce: announce; speak; loudspeaker; broadcast
Makes an announcement over the loudspeakers; Broadcasts a text in the whole building
text|message|words|what: sentence
!announce: {text}; announcement: {text}; !tell everybody in the building: {text}; !broadcast this: {text}; over the loudspeakers: {text}
everyone should hear this: {text}

forward: forward calls; redirect calls; divert phone; call forwarding
Forwards incoming calls to a number; Redirects the phone
number|to|target|phone: digits
my calls should go to {number}; !forward my calls to {number}; !divert the phone to {number}; calls to {number}
phone: forward to {number}; !send all calls to {number}; I can be reached at {number}, redirect my phone

dial: dial; call person; phone call; ring
Calls somebody on the phone; Dials a person
person|who|name|contact: person
!call {person}; !ring {person}; I have to talk to {person} on the phone; !phone {person}; call: {person}; !get {person} on the line
!dial {person}; I want to speak with {person} on the phone

spam: block sender; spam sender; mute sender; ban sender
Blocks a sender of mail; Puts mails of an address into spam
sender|from|address|who: mail
no more mails from {sender}; !block {sender}; {sender} sends spam; spam: {sender}; !mark {sender} as spam
I do not want mails from {sender}; sender {sender}: block; everything from {sender} is junk

?define: define word; dictionary; meaning; word lookup
Explains a word out of the dictionary; Returns the meaning of a word
word|term|entry|text: word
what does the word {word} mean?; meaning of {word}; !explain the word {word}; dictionary: {word}; {word} in the dictionary
what is meant by {word}?; !define {word}

password: new password; generate password; make password; random secret
Makes up a safe password; Generates a password of some length
length|size|chars|n: 6-64
a password with {length} characters; !make me a password of {length} letters; new password, {length} characters; password: {length}
I need a safe password, {length} long; password length {length}; {length} characters of password

qr: qr code; make qr; create code; qr
Makes a QR code; Turns a text into a QR code
text|content|data|link: label; size|pixels|width?: 50-900
QR code of {text}; !make a QR code with {text}; QR: {text}; {text} as QR; a QR code for {text}, size {size}
!turn {text} into a QR code, {size} pixels; !create a QR code that says {text}

shorten: shorten url; short link; tiny url; make link
Makes a web address shorter; Creates a short link
url|link|address|page: url
!shorten {url}; {url} is too long; a short link for {url}; short link: {url}; !make {url} shorter; !cut down the link {url}
{url}, but short

?sunset: sunset time; sun down; get sunset; evening light
Tells when the sun sets in a city; Time of sunset
city|place|where|location: city
when is sunset in {city}?; when does the sun go down in {city}?; sunset {city}; how long is it light in {city}?
when does it get dark in {city}?; {city} sunset; sun in {city}, until when?

?holiday: public holidays; holidays; list holidays; free days
Lists the public holidays of a country; Which days are holidays
country|land|nation|where: country; year|in?: 1990-2060
when are the holidays in {country}?; public holidays {country}; holidays of {country} in {year}; which days are free in {country}?
{country} holidays {year}; !list the holidays of {country}

?cinema: movie times; showtimes; film times; cinema program
Shows when a movie runs; Showtimes of a film in the cinema
movie|film|title|name: label
when does {movie} run?; !show times for the movie {movie}; is the film {movie} on tonight?; cinema: {movie}
when can I see {movie} in the cinema?; movie {movie}; I want to see the movie {movie}, when?

museum: buy museum ticket; museum entry; museum ticket
Buys tickets for a museum; Pays the entry of a museum
museum|place|name|where: label; visitors|count|people|n: 1-12
{visitors} tickets for the {museum} museum; museum {museum}, {visitors} people; {visitors} of us want to visit the {museum} museum
the {museum} museum for {visitors}; !get us into the {museum} museum, {visitors} visitors

?package: package status; trace package; shipment status; where is package
Tells where a shipment is; Tracks a shipment
shipment|package|number|id: code
where is shipment {shipment}?; shipment {shipment}; when does shipment {shipment} arrive?; shipment {shipment}: where?
!trace shipment {shipment}; has shipment {shipment} left?; I wait for shipment {shipment}

image: resize image; scale picture; image width; shrink image
Resizes an image; Makes an image bigger or smaller
image|picture|file|name: file; width|pixels|size|px: 16-4000
!make {image} {width} pixels wide; !resize {image} to {width}; {image}: width {width}; image {image}, width {width}
{image} should be {width} pixels wide; !shrink {image} to {width} pixels

file: delete file; remove file; erase; trash file
Deletes a file; Moves a file to the bin
path|file|name|target: path
!delete {path}; !throw {path} away; I do not need {path} any more; {path} can go; !erase {path}; !get rid of the file {path}
file {path}: delete; !remove {path}

file: rename file; move file; change name; mv
Renames a file; Gives a file another name
old|from|path|source: path; new|to|target|name: path
!rename {old} to {new}; {old} should be called {new}; !call the file {old} {new} from here on; file {old} -> {new}
!change the name of {old} to {new}; {old} becomes {new}; !move {old} to {new}

?folder: list folder; show directory; list files; ls
Lists what is in a folder; Shows the files of a directory
folder|path|dir|name: path
what is in folder {folder}?; !show me the folder {folder}; folder {folder}; !list {folder}; which files are in folder {folder}?
directory {folder}?; contents of the folder {folder}

member: add member; invite person; new member; join group
Adds a person to a group; Makes somebody a member of a group
person|who|name|user: person; group|team|to|club: label
!add {person} to group {group}; {person} joins the {group} group; !invite {person} into group {group}; group {group}: {person} too
{person} belongs in group {group}; !let {person} into the {group} group; new in group {group}: {person}

member: remove member; kick person; group leave; expel
Removes a person from a group; Ends a membership in a group
person|who|name|user: person; group|team|from|club: label
!kick {person} out of group {group}; {person} leaves the {group} group; !remove {person} from group {group}
{person} is no longer in group {group}; !take {person} off group {group}; {person} has to leave group {group}

vote: cast vote; vote; poll answer; choose option
Casts a vote in a poll; Votes for one of the options
option|choice|answer|for: label; poll|in|topic|id?: code
I vote for {option}; my vote goes to {option}; vote {option}; I am for {option}; {option} gets my vote in poll {poll}
vote: {option}, poll {poll}; !vote {option} in poll {poll}

?tip: calculate tip; add tip; tip
Works out the tip on a sum; How much to give the waiter
amount|sum|total|bill: 5-400; percent|rate|tip: 5-25
tip on {amount} at {percent} percent; {percent} percent tip on {amount}; how much tip do I give on {amount} with {percent} percent?
we paid {amount}, the tip is {percent} percent; tip: {amount}, {percent} %

fuse: switch circuit; power outlet; plug; socket
Switches a socket on or off; Controls the power of a socket
socket|outlet|plug|name: spot; on|state|power|active: switch
socket {socket} {on}; !turn the {socket} socket {on}; !switch socket {socket} {on}; {on} with socket {socket}; socket {socket}: {on}
!turn {on} socket {socket}; power {on} at socket {socket}

pump: start pump; pump on; run pump
Starts a pump; Sets a pump going
pump|name|unit|id: spot; speed|rate|power|rpm?: 100-5000
!start pump {pump}; !run the {pump} pump at {speed}; pump {pump} on; !get pump {pump} going, speed {speed}; pump {pump}: start
pump {pump}, speed {speed}; !switch on the {pump} pump

pump: stop pump; pump off; halt pump
Stops a pump; Brings a pump to a halt
pump|name|unit|id: spot
!stop pump {pump}; pump {pump} off; !halt the {pump} pump; pump {pump} should not run; pump {pump}: stop; !switch off the {pump} pump
!shut down pump {pump}

valve: set valve; open valve; valve position
Moves a valve to a position; Sets how far a valve is open
valve|name|id|unit: spot; percent|position|opening|level: 0-100
valve {valve} to {percent} percent; !open valve {valve} {percent} percent; valve {valve}: {percent} %; !set the {valve} valve to {percent}
the {valve} valve should stand at {percent}; !turn valve {valve} to {percent}

?tank: tank temperature; read tank; tank sensor; water temperature
Returns how warm the water of a tank is; Temperature of a tank
tank|basin|pool|name: spot
how warm is tank {tank}?; is the {tank} tank cold?; tank {tank}: how warm?; temperature of the {tank} tank
how hot is the water in tank {tank}?; !measure how warm tank {tank} is

robot: send robot; robot goto; move robot; drive robot
Sends the robot to a place; Makes the robot drive somewhere
place|to|target|where: spot; speed|pace|velocity?: 1-10
robot to {place}; !send the robot to {place}; the robot should go to {place}; robot: {place}; !drive the robot to {place} at speed {speed}
robot {place}, speed {speed}; robot, go to {place}

machine: start machine; run machine; machine program
Starts a machine with a program; Runs a program on a machine
machine|unit|name|id: spot; program|job|recipe|code: slug
!run {program} on machine {machine}; machine {machine}: {program}; !start machine {machine} with {program}; {program} on machine {machine}
machine {machine} should do {program}; !begin {program} on the {machine} machine

mail: mark read; mails read; clear inbox; inbox zero
Marks all mails as read; Clears the inbox
-
!mark everything as read; I have read it all; !clear my inbox; inbox: all read; no unread mails; !empty the inbox
all my mails are old news

?version: show version; app version; get version; about
Returns the version of a program; Which version of a program is installed
program|app|name|tool: host
which version of {program} do we run?; version of {program}; how new is our {program}?; {program} version; !check the version of {program}
what version is {program}?; is {program} up to date?
"""


def option(text):
    """One parameter, from "zone|area: spot" or "minutes?: 1-60"."""
    names, made = (part.strip() for part in text.split(":"))
    keys = names.rstrip("?").split("|")
    key, kind, choices = keys[0], "string", None
    about = [f"The {key}", f"{key.capitalize()}", f"The {key} to use", f"Value of {key}", key]
    if made in MAKERS:
        maker = MAKERS[made]
        about += [f"Which {key}", f"Name of the {key}"]
    elif made == "switch":
        kind, maker, about = "boolean", one_of(True, False), ["On or off", "true is on", f"Whether it is {key}"]
    elif "-" in made or "~" in made:
        whole = "-" in made
        low, high = (float(n) for n in made.split("-" if whole else "~"))
        kind = "integer" if whole else "number"
        maker = (lambda rng: round(rng.uniform(low, high), rng.choice([1, 1, 2]))) if not whole else number(int(low), int(high)) \
            if high - low > 40 else lambda rng: rng.randint(int(low), int(high))
        about += [f"How many {key}", f"Number of {key}"] if key.endswith("s") else [f"The {key}, a number"]
    else:
        choices = made.split(",")
        maker = one_of(*choices)
    return (key, keys, kind, about, maker, not names.endswith("?"), choices)


def parts_of(line):
    return [part.strip() for part in line.split(";")]


def family(block):
    names, about, params, *asks = block.split("\n")
    tag, _, names = names.partition(":")
    return dict(tag=tag.lstrip("?"), parts=parts_of(names), about=parts_of(about), kind="asked" if tag[0] == "?" else "did",
                params=[] if params == "-" else [option(p) for p in parts_of(params)], asks=parts_of("; ".join(asks)), everyday=True)


EVERYDAY = [family(block) for block in TABLE.strip().split("\n\n")]
