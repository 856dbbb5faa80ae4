using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>What programs log in with: app passwords, access tokens, client certificates.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124150000_Credentials")]
internal sealed class Credentials : SqlMigration;
