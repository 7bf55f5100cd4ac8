// Run by `mongosh --nodb` once at every start: the replica set, and a user for each service that may touch its own
// database and no other. Doing it again changes nothing but the passwords, which become those of .env.
const SERVICES = ["registry", "issues", "notifications", "booklet"];
const secret = (name) => process.env[name] || quit(2);

function connected(options) {
  const uri = `mongodb://root:${secret("MONGO_ROOT_PASSWORD")}@mongo:27017/?authSource=admin&${options}`;
  return new Mongo(uri).getDB("admin");
}

function initiate() {
  const node = connected("directConnection=true");
  try {
    node.adminCommand({ replSetGetStatus: 1 });
  } catch (error) {
    if (error.codeName !== "NotYetInitialized") throw error;
    node.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] } });
    print("replica set rs0 initiated");
  }
}

function put(admin, user, databases) {
  const rights = { pwd: secret(`MONGO_PASSWORD_${user.toUpperCase()}`),
                   roles: databases.map((db) => ({ role: "readWrite", db })) };
  if (admin.getUser(user)) admin.updateUser(user, rights);
  else admin.createUser({ user, ...rights });
}

initiate();
const admin = connected("replicaSet=rs0&serverSelectionTimeoutMS=30000"); // waits for the primary
for (const service of SERVICES) put(admin, service, [`mahalle_${service}`]);
put(admin, "indexes", SERVICES.map((service) => `mahalle_${service}`));
print("users are as they should be");
