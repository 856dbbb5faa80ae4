using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Annotations of mailboxes and of the server (RFC 5464).</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124162000_Annotations")]
internal sealed class Annotations : SqlMigration;
