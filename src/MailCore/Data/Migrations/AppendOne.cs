using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>One message into one mailbox: append_one_1.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124163000_AppendOne")]
internal sealed class AppendOne : SqlMigration;
